import { describe, expect, it } from 'vitest'
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
  type PerMessageDeflateOptions,
  type PerMessageDeflateSettings,
  resolvePerMessageDeflate,
} from '../../src/permessage-deflate/options.ts'
import { HOSTILE_HEADERS, randomText } from '../handshake/hostile.ts'
import { randomSource } from '../support/random-source.ts'
import { wsPerMessageDeflate } from './ws-deflate.ts'

const SEED = 0x7692_0002
const PMD = 'permessage-deflate'
const NO_TAKEOVER = 'server_no_context_takeover; client_no_context_takeover'
const PER_CONNECTION = { memory: 'per-connection' } as const

function settingsOf(options: PerMessageDeflateOptions = {}): PerMessageDeflateSettings {
  const settings = resolvePerMessageDeflate(options)
  if (settings === undefined) throw new Error('turned off')
  return settings
}

function elements(header: string | undefined): readonly ExtensionOffer[] {
  const read = readExtensionOffers(header)
  if (read === undefined) throw new Error(`not a header: ${header}`)
  return read
}

/** A direction as `bits` or, with context takeover, `bits+`. */
function told({ outgoing, incoming }: Agreement): string {
  const text = ({ windowBits, contextTakeover }: Agreement['outgoing']) =>
    `${windowBits}${contextTakeover ? '+' : ''}`
  return `out ${text(outgoing)}, in ${text(incoming)}`
}

/** What a server of these options makes of a header: the response, and how it goes on. */
function serve(header: string | undefined, options?: PerMessageDeflateOptions) {
  const agreement = acceptOffer(elements(header), settingsOf(options))
  return agreement && [formatExtensions([agreement.response]), told(agreement)]
}

/** What a client of these options makes of a response. */
function connect(header: string | undefined, options?: PerMessageDeflateOptions) {
  const agreement = acceptResponse(elements(header), settingsOf(options))
  return agreement && told(agreement)
}

describe('a server', () => {
  it.each<[header: string, options: PerMessageDeflateOptions, response: string, told: string]>([
    [PMD, {}, `${PMD}; ${NO_TAKEOVER}`, 'out 15, in 15'],
    [PMD, PER_CONNECTION, PMD, 'out 15+, in 15+'],
    [`${PMD}; client_max_window_bits`, {}, `${PMD}; ${NO_TAKEOVER}`, 'out 15, in 15'],
    [`${PMD}; client_max_window_bits`, PER_CONNECTION, PMD, 'out 15+, in 15+'],
    [
      `${PMD}; client_max_window_bits=10`,
      PER_CONNECTION,
      `${PMD}; client_max_window_bits=10`,
      'out 15+, in 10+',
    ],
    [
      `${PMD}; client_max_window_bits=10`,
      { ...PER_CONNECTION, clientMaxWindowBits: 12 },
      `${PMD}; client_max_window_bits=10`,
      'out 15+, in 10+',
    ],
    [
      `${PMD}; client_max_window_bits=12`,
      { ...PER_CONNECTION, clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=10`,
      'out 15+, in 10+',
    ],
    [
      `${PMD}; client_max_window_bits`,
      { ...PER_CONNECTION, clientMaxWindowBits: 8 },
      `${PMD}; client_max_window_bits=8`,
      'out 15+, in 8+',
    ],
    [
      `${PMD}; client_max_window_bits=10`,
      { ...PER_CONNECTION, clientMaxWindowBits: false },
      PMD,
      'out 15+, in 15+',
    ],
    [
      `${PMD}; server_max_window_bits=8`,
      PER_CONNECTION,
      `${PMD}; server_max_window_bits=8`,
      'out 8+, in 15+',
    ],
    [
      `${PMD}; server_max_window_bits=15`,
      PER_CONNECTION,
      `${PMD}; server_max_window_bits=15`,
      'out 15+, in 15+',
    ],
    [
      `${PMD}; server_max_window_bits=11`,
      { ...PER_CONNECTION, serverMaxWindowBits: 9 },
      `${PMD}; server_max_window_bits=9`,
      'out 9+, in 15+',
    ],
    [
      `${PMD}; server_max_window_bits=9`,
      { ...PER_CONNECTION, serverMaxWindowBits: 11 },
      `${PMD}; server_max_window_bits=9`,
      'out 9+, in 15+',
    ],
    [
      PMD,
      { ...PER_CONNECTION, serverMaxWindowBits: 11 },
      `${PMD}; server_max_window_bits=11`,
      'out 11+, in 15+',
    ],
    [
      `${PMD}; server_no_context_takeover`,
      PER_CONNECTION,
      `${PMD}; server_no_context_takeover`,
      'out 15, in 15+',
    ],
    [
      `${PMD}; client_no_context_takeover`,
      PER_CONNECTION,
      `${PMD}; client_no_context_takeover`,
      'out 15+, in 15',
    ],
    [
      `${PMD}; client_no_context_takeover`,
      { ...PER_CONNECTION, clientNoContextTakeover: false },
      PMD,
      'out 15+, in 15+',
    ],
    [
      PMD,
      { ...PER_CONNECTION, serverNoContextTakeover: true },
      `${PMD}; server_no_context_takeover`,
      'out 15, in 15+',
    ],
    [
      PMD,
      { ...PER_CONNECTION, clientNoContextTakeover: true },
      `${PMD}; client_no_context_takeover`,
      'out 15+, in 15',
    ],
  ])('answers "%s" with options %o', (header, options, response, agreed) => {
    expect(serve(header, options)).toEqual([response, agreed])
  })

  it.each<[what: string, header: string | undefined, options?: PerMessageDeflateOptions]>([
    ['no offer', undefined],
    ['another extension', 'permessage-bzip2'],
    ['an unknown parameter', `${PMD}; unknown`],
    ['a repeated parameter', `${PMD}; client_max_window_bits; client_max_window_bits`],
    ['an invalid value', `${PMD}; server_max_window_bits=16`],
    ['a client that cannot be told its window', PMD, { clientMaxWindowBits: 10 }],
    [
      'a client that wants no context taken over by a server that insists',
      `${PMD}; server_no_context_takeover`,
      { ...PER_CONNECTION, serverNoContextTakeover: false },
    ],
  ])('declines %s', (_, header, options) => {
    expect(serve(header, options)).toBeUndefined()
  })

  it.each<[header: string, options: PerMessageDeflateOptions, response: string]>([
    [
      `${PMD}; server_max_window_bits=10, ${PMD}; server_max_window_bits=9, ${PMD}`,
      PER_CONNECTION,
      `${PMD}; server_max_window_bits=10`,
    ],
    [`x-deflate, ${PMD}; server_max_window_bits=7, ${PMD}; y, ${PMD}`, PER_CONNECTION, PMD],
    [
      `${PMD}, ${PMD}; client_max_window_bits`,
      { ...PER_CONNECTION, clientMaxWindowBits: 9 },
      `${PMD}; client_max_window_bits=9`,
    ],
  ])('takes the first offer it can serve of "%s"', (header, options, response) => {
    expect(serve(header, options)?.[0]).toBe(response)
  })
})

describe('a client', () => {
  it.each<[options: PerMessageDeflateOptions, header: string]>([
    [{}, `${PMD}; ${NO_TAKEOVER}; client_max_window_bits`],
    [PER_CONNECTION, `${PMD}; client_max_window_bits`],
    [{ ...PER_CONNECTION, clientMaxWindowBits: true }, `${PMD}; client_max_window_bits`],
    [{ ...PER_CONNECTION, clientMaxWindowBits: false }, PMD],
    [{ ...PER_CONNECTION, clientMaxWindowBits: 8 }, `${PMD}; client_max_window_bits=8`],
    [
      { ...PER_CONNECTION, serverMaxWindowBits: 9, serverNoContextTakeover: true },
      `${PMD}; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits`,
    ],
    [
      { ...PER_CONNECTION, clientNoContextTakeover: true, serverNoContextTakeover: false },
      `${PMD}; client_no_context_takeover; client_max_window_bits`,
    ],
  ])('with options %o offers %s', (options, header) => {
    expect(formatExtensions([offer(settingsOf(options))])).toBe(header)
  })

  it('has no compression where the server declined', () => {
    expect(connect(undefined)).toBeUndefined()
  })

  it.each<[header: string, options: PerMessageDeflateOptions, told: string]>([
    [`${PMD}; ${NO_TAKEOVER}`, {}, 'out 15, in 15'],
    [`${PMD}; server_no_context_takeover`, {}, 'out 15, in 15'],
    [PMD, PER_CONNECTION, 'out 15+, in 15+'],
    [`${PMD}; ${NO_TAKEOVER}`, PER_CONNECTION, 'out 15, in 15'],
    [`${PMD}; server_max_window_bits=8`, PER_CONNECTION, 'out 15+, in 8+'],
    [`${PMD}; server_max_window_bits=9`, { ...PER_CONNECTION, serverMaxWindowBits: 10 }, 'out 15+, in 9+'],
    [`${PMD}; client_max_window_bits=8`, PER_CONNECTION, 'out 8+, in 15+'],
    [`${PMD}; client_max_window_bits=9`, { ...PER_CONNECTION, clientMaxWindowBits: 10 }, 'out 9+, in 15+'],
    [PMD, { ...PER_CONNECTION, clientMaxWindowBits: 10 }, 'out 10+, in 15+'],
    [PMD, { ...PER_CONNECTION, clientMaxWindowBits: false }, 'out 15+, in 15+'],
    [PMD, { ...PER_CONNECTION, clientNoContextTakeover: true }, 'out 15, in 15+'],
  ])('takes "%s" with options %o', (header, options, agreed) => {
    expect(connect(header, options)).toBe(agreed)
  })

  it.each<[header: string, options: PerMessageDeflateOptions, problem: RegExp]>([
    ['permessage-bzip2', PER_CONNECTION, /more than the one extension that was offered/],
    [`${PMD}, ${PMD}`, PER_CONNECTION, /more than the one extension that was offered/],
    [`${PMD}, x`, PER_CONNECTION, /more than the one extension that was offered/],
    [`${PMD}; unknown`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [`${PMD}; ${NO_TAKEOVER}; ${NO_TAKEOVER}`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [`${PMD}; client_max_window_bits`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [`${PMD}; server_max_window_bits`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [`${PMD}; server_max_window_bits=16`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [`${PMD}; server_no_context_takeover=1`, PER_CONNECTION, /unknown, repeated or of an invalid value/],
    [PMD, {}, /lacks the server_no_context_takeover/],
    [
      `${PMD}; client_no_context_takeover`,
      { ...PER_CONNECTION, clientNoContextTakeover: false },
      /clientNoContextTakeover: false rules out/,
    ],
    [PMD, { ...PER_CONNECTION, serverMaxWindowBits: 10 }, /does not answer the server_max_window_bits/],
    [
      `${PMD}; server_max_window_bits=11`,
      { ...PER_CONNECTION, serverMaxWindowBits: 10 },
      /does not answer the server_max_window_bits/,
    ],
    [
      `${PMD}; client_max_window_bits=9`,
      { ...PER_CONNECTION, clientMaxWindowBits: false },
      /does not answer the client_max_window_bits/,
    ],
    [
      `${PMD}; client_max_window_bits=11`,
      { ...PER_CONNECTION, clientMaxWindowBits: 10 },
      /does not answer the client_max_window_bits/,
    ],
  ])('fails on "%s" with options %o', (header, options, problem) => {
    expect(() => connect(header, options)).toThrow(problem)
    expect(() => connect(header, options)).toThrow(ExtensionResponseError)
    expect(() => connect(header, options)).toThrow(
      expect.objectContaining({ code: 'UPWIRE_BAD_EXTENSION_RESPONSE' }),
    )
  })
})

/** Every kind of value of the options about the wire. */
const OPTIONS: PerMessageDeflateOptions[] = [{}].concat(
  [undefined, true, false].flatMap((serverNoContextTakeover) =>
    [undefined, true, false].flatMap((clientNoContextTakeover) =>
      [undefined, 8, 11].flatMap((serverMaxWindowBits) =>
        [undefined, false, 9, 12].map((clientMaxWindowBits) => ({
          ...PER_CONNECTION,
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
        })),
      ),
    ),
  ),
)

/** As `Sec-WebSocket-Extensions` has it, and back. */
const overTheWire = (element: ExtensionOffer) => elements(formatExtensions([element]))

describe('the two ends of a connection', () => {
  const settings = OPTIONS.map(settingsOf)
  const pairs = settings.flatMap((client) => settings.map((server) => [client, server] as const))
  type Ends = (typeof pairs)[number]

  it('mean the same by what they have agreed on, with any options at either', () => {
    const outcomes = pairs.map(outcomeOf)
    expect(new Set(outcomes)).toEqual(new Set(['declined', 'failed', 'agreed']))
    expect(outcomes).toEqual(pairs.map(expectedOutcomeOf))
  })

  function outcomeOf([client, server]: Ends): string {
    const ofServer = acceptOffer(overTheWire(offer(client)), server)
    if (ofServer === undefined) return 'declined'
    try {
      const ofClient = acceptResponse(overTheWire(ofServer.response), client)
      if (ofClient === undefined) return 'lost'
      const fits =
        canRead(ofClient.incoming, ofServer.outgoing) && canRead(ofServer.incoming, ofClient.outgoing)
      return fits ? 'agreed' : `${told(ofServer)} does not fit ${told(ofClient)}`
    } catch (error) {
      if (error instanceof ExtensionResponseError) return 'failed'
      throw error
    }
  }

  function expectedOutcomeOf([client, server]: Ends): string {
    const insistsOnContext =
      client.serverNoContextTakeover === true && server.serverNoContextTakeover === false
    const cannotLimit = client.clientMaxWindowBits === false && typeof server.clientMaxWindowBits === 'number'
    if (insistsOnContext || cannotLimit) return 'declined'
    // The one thing a server may demand unasked, and a client can be set against.
    const demands = client.clientNoContextTakeover === false && server.clientNoContextTakeover === true
    return demands ? 'failed' : 'agreed'
  }

  function canRead(reader: Agreement['incoming'], writer: Agreement['outgoing']): boolean {
    const isTakenOver = reader.contextTakeover || !writer.contextTakeover
    return isTakenOver && reader.windowBits >= writer.windowBits
  }
})

describe('ws, over the wire', () => {
  const WS_OPTIONS = [
    {},
    { serverNoContextTakeover: true },
    { clientNoContextTakeover: true },
    { serverMaxWindowBits: 10 },
    { clientMaxWindowBits: 10 },
    {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 9,
    },
  ]

  it.each(WS_OPTIONS)('as a client with %o accepts what this server answers', (options) => {
    const client = wsPerMessageDeflate({ ...options, isServer: false })
    const agreement = acceptOffer(elements(formatted(client.offer())), settingsOf(PER_CONNECTION))
    const parameters = agreement?.response.parameters ?? new Map()
    expect(() => client.accept([Object.fromEntries(parameters)])).not.toThrow()
    expect(agreement?.outgoing.contextTakeover).toBe(!options.serverNoContextTakeover)
    expect(agreement?.incoming.contextTakeover).toBe(!options.clientNoContextTakeover)
    expect(agreement?.outgoing.windowBits).toBe(options.serverMaxWindowBits ?? 15)
    expect(agreement?.incoming.windowBits).toBe(options.clientMaxWindowBits ?? 15)
  })

  it.each(WS_OPTIONS)('as a server with %o answers what this client accepts', (options) => {
    for (const own of [{}, PER_CONNECTION, { ...PER_CONNECTION, serverMaxWindowBits: 12 }]) {
      const settings = settingsOf(own)
      const server = wsPerMessageDeflate({ ...options, isServer: true })
      const response = server.accept([Object.fromEntries(offer(settings).parameters)])
      expect(() => acceptResponse(elements(formatted(response)), settings)).not.toThrow()
    }
  })

  function formatted(parameters: Readonly<Record<string, string | number | true>>): string {
    const pairs = Object.entries(parameters)
    return [PMD, ...pairs.map(([name, value]) => (value === true ? name : `${name}=${value}`))].join('; ')
  }
})

describe('a hostile header', () => {
  it(`never makes either role throw anything else, in 20,000 of seed ${SEED}`, () => {
    const random = randomSource(SEED)
    const pieces = [
      ...[PMD, PMD, ', ', '; ', '; ', '=', '10', '15', '99', '"9"', '__proto__', 'constructor'],
      ...['server_no_context_takeover', 'client_no_context_takeover', 'server_max_window_bits'],
      'client_max_window_bits',
    ]
    const settings = [{}, PER_CONNECTION, { ...PER_CONNECTION, clientMaxWindowBits: 10 }].map(settingsOf)
    const outcomes = { accepted: 0, declined: 0, failed: 0 }
    for (let index = 0; index < 20_000; index++) {
      const header = `${PMD}${random() < 0.5 ? '; ' : ', '}${randomText(random, pieces, 10)}`
      const read = readExtensionOffers(header) ?? []
      const one = settings[index % settings.length]
      outcomes[acceptOffer(read, one) ? 'accepted' : 'declined']++
      try {
        acceptResponse(read, one)
      } catch (error) {
        expect(error, header).toBeInstanceOf(ExtensionResponseError)
        outcomes.failed++
      }
    }
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(500)
  })

  it.each(HOSTILE_HEADERS)('of %s is read or refused in time', (_, header) => {
    const read = readExtensionOffers(`${PMD};${header(64 * 1024)}`) ?? []
    const started = process.cpuUsage()
    acceptOffer(read, settingsOf())
    const { user, system } = process.cpuUsage(started)
    expect(user + system).toBeLessThan(50_000)
  })
})
