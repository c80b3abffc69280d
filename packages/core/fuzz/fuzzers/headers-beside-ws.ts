import { type ExtensionOffer, readExtensionOffers } from '../../src/handshake/extension-offer.ts'
import { readSubprotocols } from '../../src/handshake/subprotocol.ts'
import { type WsOffers, wsOffers, wsSubprotocols } from '../beside-ws/ws-internals.ts'
import { expectSame, type Fuzzer } from '../fuzzer.ts'
import { headerText } from '../header-text.ts'

const MAX_OFFERS = 32
const MAX_PARAMETERS = 32

/** Our readers of the headers of a handshake beside those of `ws`. */
export const headersBesideWs: Fuzzer = {
  name: 'headers-beside-ws',
  seeds: 'headers',
  about:
    'the same header to our readers and to those of ws: the same names and parameters, or a known reason',
  generate: headerText,
  check(input) {
    const value = input.toString('latin1')
    const [names, wsNames] = [readSubprotocols(value), wsSubprotocols(value)]
    if (!isLenient(names, wsNames, value, wsSubprotocols)) {
      expectSame(JSON.stringify(names), JSON.stringify(wsNames), 'ws reads the same subprotocols')
    }
    const [offers, ofWs] = [byName(readExtensionOffers(value)), plain(wsOffers(value))]
    if (isLenient(offers, ofWs, value, (header) => plain(wsOffers(header))) || isTooMany(offers, ofWs)) return
    expectSame(JSON.stringify(offers), JSON.stringify(ofWs), 'ws reads the same offers')
  },
}

/**
 * RFC 9110 §5.6.1.2 has a recipient pass over empty elements, and RFC 6455 §9.1 allows spaces around every piece; `ws`
 * refuses both, and reads the value without them as we read it with them.
 */
function isLenient<Value>(
  ours: Value | undefined,
  ws: Value | undefined,
  value: string,
  read: (header: string) => Value | undefined,
): boolean {
  if (ours === undefined || ws !== undefined) return false
  return JSON.stringify(read(withoutExtras(value))) === JSON.stringify(ours)
}

function withoutExtras(value: string): string {
  return value
    .replace(/[ \t]*([,;=]|^|$)[ \t]*/g, '$1')
    .replace(/,+/g, ',')
    .replace(/^,|,$/g, '')
}

/** We take a bounded number of offers and parameters, `ws` any. */
function isTooMany(ours: Offers | undefined, ws: Offers | undefined): boolean {
  if (ours !== undefined || ws === undefined) return false
  const offers = ws.flatMap(([, ofName]) => ofName)
  const counts = offers.map((parameters) => parameters.flatMap(([, values]) => values).length)
  return offers.length > MAX_OFFERS || counts.some((count) => count > MAX_PARAMETERS)
}

/** By name, the offers in their order, each with its parameters and their values: the order that `ws` keeps. */
type Offers = [name: string, offers: [parameter: string, values: readonly (string | true)[]][][]][]

function byName(offers: readonly ExtensionOffer[] | undefined): Offers | undefined {
  if (offers === undefined) return undefined
  const names = new Map<string, ExtensionOffer[]>()
  for (const offer of offers) names.set(offer.name, [...(names.get(offer.name) ?? []), offer])
  return sorted([...names].map(([name, all]) => [name, all.map(({ parameters }) => sorted([...parameters]))]))
}

function plain(offers: WsOffers | undefined): Offers | undefined {
  if (offers === undefined) return undefined
  return sorted(
    Object.keys(offers).map((name) => [name, offers[name].map((one) => sorted(Object.entries(one)))]),
  )
}

/** Names that are numbers come first in an object, whatever their place. */
function sorted<Value>(entries: [string, Value][]): [string, Value][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}
