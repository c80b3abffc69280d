/** The options of permessage-deflate (RFC 7692), those of the wire named as in the RFC. */
export interface PerMessageDeflateOptions {
  /**
   * `shared`: no message depends on one before it, in either direction, so that all connections of the process share one
   * compressor and one decompressor and none of them has memory of its own. `per-connection`: contexts are taken over
   * from message to message where the peer agrees, which makes small messages that resemble each other much smaller and
   * costs a busy connection about 300 KiB. Default `shared`.
   */
  memory?: 'shared' | 'per-connection'
  /** `true`: the server starts each message anew (RFC 7692 §7.1.1.1). `false`: a client may not ask for that. */
  serverNoContextTakeover?: boolean
  /** `true`: the client starts each message anew (RFC 7692 §7.1.1.2). `false`: a server may not ask for that. */
  clientNoContextTakeover?: boolean
  /** The most bits of the server's window, 8 to 15 (RFC 7692 §7.1.2.1). Default 15: 32 KiB. */
  serverMaxWindowBits?: number
  /**
   * The most bits of the client's window, 8 to 15; `true` leaves the number to the server, `false` leaves the parameter
   * out (RFC 7692 §7.1.2.2). A server with a number declines clients that cannot be told. Default `true`.
   */
  clientMaxWindowBits?: boolean | number
  /** Shorter messages are sent as they are, unless contexts are taken over. In bytes. Default 1024. */
  threshold?: number
  zlibDeflateOptions?: {
    /** From 0, no compression, to 9, the smallest output; -1 is zlib's own default, 6. Default 1. */
    level?: number
    /** The memory of a compressor, 1 to 9, beside its window: 2 to the power of this and 9, in bytes. Default 8. */
    memLevel?: number
  }
}

/** `PerMessageDeflateOptions` made whole, shared by all connections of a route. */
export interface PerMessageDeflateSettings {
  /** `undefined` follows the peer. */
  readonly serverNoContextTakeover: boolean | undefined
  readonly clientNoContextTakeover: boolean | undefined
  readonly serverMaxWindowBits: number | undefined
  readonly clientMaxWindowBits: boolean | number
  readonly threshold: number
  readonly level: number
  readonly memLevel: number
}

const DEFAULT_THRESHOLD = 1024
/** On JSON of 1 to 64 KiB, level 6 is 3 to 12 per cent smaller than level 1, for 1.5 to 3.5 times the time. */
const DEFAULT_LEVEL = 1
const DEFAULT_MEM_LEVEL = 8

type Check = readonly [isValid: (value: unknown) => boolean, expected: string]

const isBoolean = (value: unknown) => typeof value === 'boolean'
const isWholeFrom = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most
const isWindowBits = isWholeFrom(8, 15)

const CHECKS: Readonly<Record<keyof PerMessageDeflateOptions, Check>> = {
  memory: [(value) => value === 'shared' || value === 'per-connection', "'shared' or 'per-connection'"],
  serverNoContextTakeover: [isBoolean, 'true or false'],
  clientNoContextTakeover: [isBoolean, 'true or false'],
  serverMaxWindowBits: [isWindowBits, 'a whole number from 8 to 15'],
  clientMaxWindowBits: [
    (value) => isBoolean(value) || isWindowBits(value),
    'true, false or a whole number from 8 to 15',
  ],
  threshold: [(value) => typeof value === 'number' && value >= 0, 'a number of bytes, 0 to compress all'],
  zlibDeflateOptions: [isObject, 'an object such as { level: 6 }'],
}

const ZLIB_CHECKS: Readonly<
  Record<keyof NonNullable<PerMessageDeflateOptions['zlibDeflateOptions']>, Check>
> = {
  level: [isWholeFrom(-1, 9), 'a whole number from -1 to 9'],
  memLevel: [isWholeFrom(1, 9), 'a whole number from 1 to 9'],
}

/** Throws a `TypeError` that names the option and says what it takes. */
export function checkPerMessageDeflateOptions(
  value: unknown,
): asserts value is boolean | PerMessageDeflateOptions {
  if (isBoolean(value)) return
  if (!isObject(value)) {
    throw new TypeError(
      `Option perMessageDeflate must be true, false or an object such as { threshold: 1024 }, not ${String(value)}`,
    )
  }
  checkEach('perMessageDeflate', value, CHECKS)
  const options: PerMessageDeflateOptions = value
  checkEach('perMessageDeflate.zlibDeflateOptions', options.zlibDeflateOptions ?? {}, ZLIB_CHECKS)
  if (options.memory !== 'per-connection') checkNothingIsTakenOver(options)
}

/** The settings that `value` stands for; `undefined` where it turns compression off. Throws as the check does. */
export function resolvePerMessageDeflate(
  value: boolean | PerMessageDeflateOptions,
): PerMessageDeflateSettings | undefined {
  checkPerMessageDeflateOptions(value)
  if (value === false) return undefined
  const options: PerMessageDeflateOptions = value === true ? {} : value
  const noContextTakeover = options.memory === 'per-connection' ? undefined : true
  return Object.freeze({
    serverNoContextTakeover: options.serverNoContextTakeover ?? noContextTakeover,
    clientNoContextTakeover: options.clientNoContextTakeover ?? noContextTakeover,
    serverMaxWindowBits: options.serverMaxWindowBits,
    clientMaxWindowBits: options.clientMaxWindowBits ?? true,
    threshold: options.threshold ?? DEFAULT_THRESHOLD,
    level: options.zlibDeflateOptions?.level ?? DEFAULT_LEVEL,
    memLevel: options.zlibDeflateOptions?.memLevel ?? DEFAULT_MEM_LEVEL,
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkEach(where: string, options: object, checks: Readonly<Record<string, Check>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) {
      throw new TypeError(`There is no option ${where}.${name}; there are ${Object.keys(checks).join(', ')}`)
    }
    const [isValid, expected] = checks[name]
    if (value !== undefined && !isValid(value)) {
      throw new TypeError(`Option ${where}.${name} must be ${expected}, not ${String(value)}`)
    }
  }
}

function checkNothingIsTakenOver(options: PerMessageDeflateOptions): void {
  for (const name of ['serverNoContextTakeover', 'clientNoContextTakeover'] as const) {
    if (options[name] === false) {
      throw new TypeError(
        `Option perMessageDeflate.${name}: false keeps contexts, and shared memory keeps none; ` +
          "write memory: 'per-connection' beside it, or leave it out",
      )
    }
  }
}
