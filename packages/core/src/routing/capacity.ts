import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HandshakeErrorCode } from '../handshake/handshake-error.ts'

/** How many connections there may be at once, handshakes that are still being decided among them. */
export interface MaxConnections {
  /** Altogether. More: 503. Default: no limit. */
  total?: number
  /** From one address: the transport's, so the proxy's where there is one. More: 429. Default: no limit. */
  perAddress?: number
}

const NO_LIMIT = Number.POSITIVE_INFINITY
const NAMES = ['total', 'perAddress']

/** Throws a `TypeError` when `option` is not what a `maxConnections` option takes. */
export function checkMaxConnections(option: unknown): void {
  const limits = Object.entries(typeof option === 'object' ? (option ?? {}) : { total: option })
  if (limits.length > 0 && limits.every(([name, value]) => NAMES.includes(name) && isLimit(value))) return
  throw new TypeError(
    'Option maxConnections must be a number above 0, or { total, perAddress } with such numbers, ' +
      `not ${JSON.stringify(option)}`,
  )
}

function isLimit(value: unknown): boolean {
  return value === undefined || value === NO_LIMIT || (Number.isSafeInteger(value) && Number(value) > 0)
}

/** The address a connection comes from; none for a stream that is not of the network. */
export function addressOf(request: IncomingMessage): string {
  return request.socket?.remoteAddress ?? ''
}

/**
 * Counts streams against a `maxConnections` option. A place is taken when the handshake begins, so that many slow
 * decisions do not pass the limit together, and given back when the stream closes, however that comes about.
 */
export class Capacity {
  readonly #total: number
  readonly #perAddress: number
  readonly #placesByAddress = new Map<string, number>()
  readonly #streams = new WeakSet<Duplex>()
  #places = 0

  constructor(option: number | MaxConnections) {
    const { total = NO_LIMIT, perAddress = NO_LIMIT } =
      typeof option === 'number' ? { total: option } : option
    this.#total = total
    this.#perAddress = perAddress
  }

  /** Takes a place for `stream`, where it has none yet, or returns why there is none left. */
  take(stream: Duplex, address: string): HandshakeErrorCode | undefined {
    if (this.#streams.has(stream) || stream.closed) return undefined
    const fromAddress = this.#placesByAddress.get(address) ?? 0
    if (this.#places >= this.#total) return 'UPWIRE_TOO_MANY_CONNECTIONS'
    if (fromAddress >= this.#perAddress) return 'UPWIRE_TOO_MANY_CONNECTIONS_FROM_ADDRESS'
    this.#places++
    this.#placesByAddress.set(address, fromAddress + 1)
    this.#streams.add(stream)
    stream.once('close', () => this.#giveBack(address))
    return undefined
  }

  #giveBack(address: string): void {
    this.#places--
    const left = (this.#placesByAddress.get(address) ?? 0) - 1
    if (left > 0) this.#placesByAddress.set(address, left)
    else this.#placesByAddress.delete(address)
  }
}
