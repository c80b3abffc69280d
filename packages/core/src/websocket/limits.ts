const KIB = 1024
const MIB = 1024 * KIB
const SECOND = 1000

/** What happens to a message for a peer that already has `maxBackpressure` bytes waiting. */
export type BackpressurePolicy = 'close' | 'drop'

/** The options of a route that bound what one connection may cost. Every one has a safe default. */
export interface LimitOptions {
  /** The longest message a peer may send, in bytes, inflated. Longer: close code 1009. Default 1 MiB. */
  maxPayload?: number
  /** The most frames one message may take; where messages are streamed, the most empty ones. More: 1008. Default 131,072. */
  maxFragments?: number
  /**
   * How long a peer may take over one message or, where messages are streamed, to send the next bytes of one, in
   * milliseconds. Longer: close code 1008. 0 turns it off. Default 30 s.
   */
  messageTimeout?: number
  /** The most messages a peer may send in a second, over ten seconds. More: close code 1008. Default: no limit. */
  messageRate?: number
  /** How long a peer may be silent before it is sent a Ping, in milliseconds. 0 turns it off. Default 30 s. */
  pingInterval?: number
  /** How long the peer may then take to be heard of, in milliseconds. Longer: the connection is dead. Default 10 s. */
  pongTimeout?: number
  /**
   * How long a connection may go without a message in either direction, in milliseconds. Longer: close code 1001. 0 turns
   * it off. Default 0.
   */
  idleTimeout?: number
  /** How many bytes may wait for a peer that does not read. Default 16 MiB. */
  maxBackpressure?: number
  /**
   * What happens to a message above that: `close` ends the connection (1013), `drop` leaves the message out, unless it is
   * sent in fragments. Default `close`.
   */
  backpressurePolicy?: BackpressurePolicy
  /** How long a closing handshake may take, for the peer and for the handler, in milliseconds. Default 10 s. */
  closeTimeout?: number
}

/** `LimitOptions` made whole, shared by all connections of a route. 0 and `Infinity` both say "no limit" in times. */
export type Limits = Readonly<Required<LimitOptions>>

export const DEFAULT_LIMITS: Limits = {
  maxPayload: 1 * MIB,
  maxFragments: 128 * KIB,
  messageTimeout: 30 * SECOND,
  messageRate: Number.POSITIVE_INFINITY,
  pingInterval: 30 * SECOND,
  pongTimeout: 10 * SECOND,
  idleTimeout: 0,
  maxBackpressure: 16 * MIB,
  backpressurePolicy: 'close',
  closeTimeout: 10 * SECOND,
}

/** What is held for a handler that does not listen yet, or that works on a message, before the peer is paused. */
export const MAX_HELD_BYTES = 64 * KIB
export const MAX_HELD_MESSAGES = 1024

/** What unfinished messages of all connections of one router may hold together. */
export const MAX_UNFINISHED_BYTES = 256 * MIB

type Check = (value: unknown) => boolean

const isCount: Check = (value) =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) > 0)
const isTime: Check = (value) => typeof value === 'number' && value >= 0
const isPolicy: Check = (value) => value === 'close' || value === 'drop'

const RULES: Record<keyof LimitOptions, readonly [check: Check, expected: string]> = {
  maxPayload: [isCount, 'a number of bytes above 0'],
  maxFragments: [isCount, 'a number of frames above 0'],
  messageTimeout: [isTime, 'a time in milliseconds, 0 for none'],
  messageRate: [isCount, 'a number of messages per second above 0'],
  pingInterval: [isTime, 'a time in milliseconds, 0 for none'],
  pongTimeout: [isTime, 'a time in milliseconds, 0 for none'],
  idleTimeout: [isTime, 'a time in milliseconds, 0 for none'],
  maxBackpressure: [isCount, 'a number of bytes above 0'],
  backpressurePolicy: [isPolicy, "'close' or 'drop'"],
  closeTimeout: [isTime, 'a time in milliseconds, 0 for none'],
}

/** Fills in what `options` leaves out. Throws a TypeError that names the option and what it takes. */
export function resolveLimits(options: LimitOptions = {}, defaults: Limits = DEFAULT_LIMITS): Limits {
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(RULES, name) && value !== undefined,
  )
  for (const [name, value] of given) {
    const [check, expected] = RULES[name as keyof LimitOptions]
    if (!check(value)) throw new TypeError(`Option ${name} must be ${expected}, not ${String(value)}`)
  }
  return Object.freeze({ ...defaults, ...Object.fromEntries(given) })
}
