import {
  type ExtensionOffer,
  formatExtensions,
  readExtensionOffers,
} from '../../src/handshake/extension-offer.ts'
import {
  type Agreement,
  acceptOffer,
  acceptResponse,
  ExtensionResponseError,
  offer,
} from '../../src/permessage-deflate/negotiation.ts'
import {
  type PerMessageDeflateSettings,
  resolvePerMessageDeflate,
} from '../../src/permessage-deflate/options.ts'
import { type Parameters, readParameters } from '../../src/permessage-deflate/parameters.ts'
import { wsPerMessageDeflate } from '../../test/permessage-deflate/ws-deflate.ts'
import { Choices } from '../../test/support/random-source.ts'
import { wsOffers } from '../beside-ws/ws-internals.ts'
import { BrokenProperty, expectSame, expectThat, type Fuzzer } from '../fuzzer.ts'
import { headerText } from '../header-text.ts'

const WINDOW_BITS = [undefined, undefined, 8, 9, 12, 15]
const NAME = 'permessage-deflate'

/** The agreement on permessage-deflate, as a server and as a client. */
export const negotiation: Fuzzer = {
  name: 'negotiation',
  seeds: 'negotiation',
  about: 'offers to a server and responses to a client, of any options, by our own reading and by that of ws',
  generate(choices) {
    return Buffer.concat([choices.bytes(2), headerText(choices)])
  },
  check(input) {
    const [server = 0, client = 0] = input
    const settings = { server: settingsOf(server), client: settingsOf(client) }
    const elements = readExtensionOffers(input.toString('latin1', 2))
    if (elements !== undefined) {
      checkServer(elements, settings.server)
      checkClient(elements, settings.client)
    }
    checkBoth(settings.server, settings.client)
  },
}

/** Options as a user may write them, the same for the same byte. */
function settingsOf(seed: number): PerMessageDeflateSettings {
  const choices = new Choices(seed)
  const settings = resolvePerMessageDeflate({
    memory: 'per-connection',
    serverNoContextTakeover: choices.oneOf([undefined, true, false]),
    clientNoContextTakeover: choices.oneOf([undefined, true, false]),
    serverMaxWindowBits: choices.oneOf(WINDOW_BITS),
    clientMaxWindowBits: choices.oneOf([...WINDOW_BITS, true, false]),
  })
  if (settings === undefined) throw new Error('These options turn nothing off')
  return settings
}

function checkServer(offers: readonly ExtensionOffer[], settings: PerMessageDeflateSettings): void {
  const agreement = acceptOffer(offers, settings)
  if (agreement === undefined) return
  const header = formatExtensions([agreement.response])
  const answered = answerOf(agreement)
  const fitting = offers
    .map((one) => (one.name === NAME ? readParameters(one) : undefined))
    .find((offered) => offered !== undefined && fits(answered, offered))
  if (fitting === undefined) throw new BrokenProperty('a response fits one of the offers', header)
  expectThat(wsTakes(header, fitting), 'the client of ws takes the response', () => header)
}

function checkClient(response: readonly ExtensionOffer[], settings: PerMessageDeflateSettings): void {
  const agreement = taken(response, settings)
  if (agreement === undefined) return
  const offered = readParameters(offer(settings))
  const header = formatExtensions(response)
  expectThat(
    offered !== undefined && fits(answerOf(agreement), offered),
    'a client takes only what fits its offer',
    () => header,
  )
}

/** `undefined` where the client fails the connection, as it may. */
function taken(
  response: readonly ExtensionOffer[],
  settings: PerMessageDeflateSettings,
): Agreement | undefined {
  try {
    return acceptResponse(response, settings)
  } catch (error) {
    if (error instanceof ExtensionResponseError) return undefined
    throw error
  }
}

/** Whatever the options, our own two ends agree, or the server declines. */
function checkBoth(server: PerMessageDeflateSettings, client: PerMessageDeflateSettings): void {
  const request = readExtensionOffers(formatExtensions([offer(client)])) ?? []
  const atServer = acceptOffer(request, server)
  if (atServer === undefined) return
  const atClient = taken([atServer.response], client)
  // A client may insist on its context, of which its offer cannot tell (RFC 7692 §7.1.1.2).
  if (atClient === undefined && client.clientNoContextTakeover === false) return
  if (atClient === undefined) throw new BrokenProperty('our client takes what our server answers', 'declined')
  expectSame(
    JSON.stringify(atServer.outgoing),
    JSON.stringify(atClient.incoming),
    'both ends know how the server compresses',
  )
  const [most, used] = [atServer.incoming, atClient.outgoing]
  expectThat(
    used.windowBits <= most.windowBits && (most.contextTakeover || !used.contextTakeover),
    'a client compresses no more freely than the server can follow',
    () => JSON.stringify({ most, used }),
  )
}

function answerOf({ response }: Agreement): Parameters {
  const answered = readParameters(response)
  if (answered === undefined) throw new BrokenProperty('a response can be read', formatExtensions([response]))
  return answered
}

/** RFC 7692 §7.1: what a response may say to an offer. */
function fits(answered: Parameters, offered: Parameters): boolean {
  const { serverMaxWindowBits: server = 15, clientMaxWindowBits: client } = answered
  const { serverMaxWindowBits: mostOfServer = 15, clientMaxWindowBits: mostOfClient } = offered
  if (offered.serverNoContextTakeover && !answered.serverNoContextTakeover) return false
  if (server > mostOfServer || client === true) return false
  if (client === undefined) return true
  return mostOfClient !== undefined && (mostOfClient === true || client <= mostOfClient)
}

/** Whether a client of `ws` that made the offer takes the response. */
function wsTakes(header: string, offered: Parameters): boolean {
  const client = wsPerMessageDeflate({
    serverNoContextTakeover: offered.serverNoContextTakeover,
    clientNoContextTakeover: offered.clientNoContextTakeover || undefined,
    serverMaxWindowBits: offered.serverMaxWindowBits,
    clientMaxWindowBits: offered.clientMaxWindowBits ?? false,
  })
  try {
    client.accept(wsOffers(header)?.[NAME] ?? [])
    return true
  } catch {
    return false
  }
}
