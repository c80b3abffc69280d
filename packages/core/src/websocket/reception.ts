/** How a connection takes what arrives, beyond the limits of a route: most are options of the package `ws`. */
export interface ReceptionOptions {
  /** Whether a Ping is answered without the program's help (RFC 6455 §5.5.2). Default true. */
  autoPong?: boolean
  /** Whether several 'message', 'ping' and 'pong' events may come in one turn of the event loop. Default true. */
  allowSynchronousEvents?: boolean
  /** Takes texts and close reasons as they are, UTF-8 or not (RFC 6455 §8.1). Default false. */
  skipUTF8Validation?: boolean
  /**
   * In how many chunks of the stream one frame may arrive. More: close code 1008. 0 turns it off. Default 0: here the
   * chunks of a frame are put together as they come, and cost nothing but their bytes.
   */
  maxBufferedChunks?: number
  /**
   * How many Pings a peer that does not read may send meanwhile. More: the connection is ended. 0 turns it off. Default 0:
   * only the latest is kept, and answered when the peer reads again (RFC 6455 §5.5.3).
   */
  maxPendingAutoPongs?: number
  /**
   * What becomes of messages while nobody listens, and 64 KiB or 1,024 of them are held. `hold`: the peer is paused until
   * somebody does. `drop`: they are dropped, and between two listeners at once, as `ws` drops them all; one that is
   * streamed is cancelled. Default `hold`.
   */
  unheard?: 'hold' | 'drop'
}

/** `ReceptionOptions` made whole, shared by all connections of a route. */
export type Reception = Readonly<Required<ReceptionOptions>>

export const DEFAULT_RECEPTION: Reception = Object.freeze({
  autoPong: true,
  allowSynchronousEvents: true,
  skipUTF8Validation: false,
  maxBufferedChunks: 0,
  maxPendingAutoPongs: 0,
  unheard: 'hold',
})

type Check = readonly [isValid: (value: unknown) => boolean, expected: string]

const FLAG: Check = [(value) => typeof value === 'boolean', 'true or false']
const isCount = (value: unknown) =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 0)

const CHECKS: Readonly<Record<keyof ReceptionOptions, Check>> = {
  autoPong: FLAG,
  allowSynchronousEvents: FLAG,
  skipUTF8Validation: FLAG,
  maxBufferedChunks: [isCount, 'a number of chunks, 0 for no limit'],
  maxPendingAutoPongs: [isCount, 'a number of Pings, 0 for no limit'],
  unheard: [(value) => value === 'hold' || value === 'drop', "'hold' or 'drop'"],
}

const NAMES = Object.keys(CHECKS) as (keyof ReceptionOptions)[]

/** Fills in what `options` leaves out. Throws a TypeError that names the option and what it takes. */
export function resolveReception(options: ReceptionOptions = {}): Reception {
  const given = NAMES.filter((name) => options[name] !== undefined)
  for (const name of given) {
    const [isValid, expected] = CHECKS[name]
    if (!isValid(options[name])) {
      throw new TypeError(`Option ${name} must be ${expected}, not ${String(options[name])}`)
    }
  }
  return Object.freeze({
    ...DEFAULT_RECEPTION,
    ...Object.fromEntries(given.map((name) => [name, options[name]])),
  })
}
