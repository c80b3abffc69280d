import { formatRejection } from '../handshake/opening-response.ts'

type HeadersInput = Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>

/** What goes with the status of an `UpgradeRejection`. */
export interface UpgradeRejectionOptions {
  /** As an object, or as pairs where a name repeats. */
  headers?: HeadersInput
  /** Text is sent as UTF-8, and as plain text unless `headers` say otherwise. Default: none. */
  body?: string | Uint8Array
}

/**
 * The HTTP response that refuses an opening handshake, thrown or returned by an `upgrade` hook:
 * `throw new UpgradeRejection(401, { headers: { 'WWW-Authenticate': 'Bearer' }, body: 'Sign in first' })`.
 *
 * A web `Response` does the same; this one needs no await to be read. Throws at once, a RangeError for a status outside
 * 200–599 and a TypeError for a header that holds a line break.
 */
export class UpgradeRejection extends Error {
  override readonly name = 'UpgradeRejection'
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array

  constructor(status: number, { headers = [], body = '' }: UpgradeRejectionOptions = {}) {
    super(`The opening handshake is refused with ${status}`)
    this.status = status
    this.headers = [...pairs(headers)]
    this.body = body
    formatRejection(this)
  }
}

function pairs(headers: HeadersInput): Iterable<readonly [string, string]> {
  if (isIterable(headers)) return headers
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each] as const),
  )
}

function isIterable(headers: HeadersInput): headers is Iterable<readonly [string, string]> {
  return Symbol.iterator in headers
}
