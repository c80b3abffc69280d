/** What a frame's payload may be given as. Any view counts with exactly the bytes it shows. */
export type Payload = string | ArrayBufferLike | ArrayBufferView

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'string' || isBytes(value)
}

export function isBytes(value: unknown): value is Exclude<Payload, string> {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
}

/**
 * The bytes of a payload, without a copy but for strings. Throws a TypeError for anything else: a number, above all, is
 * never taken as a length (CVE-2016-10518, CVE-2026-45736).
 */
export function bytesOf(payload: Payload): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  if (Buffer.isBuffer(payload)) return payload
  if (ArrayBuffer.isView(payload)) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (payload instanceof ArrayBuffer || payload instanceof SharedArrayBuffer) return Buffer.from(payload)
  throw new TypeError(
    `A payload must be a string, an ArrayBuffer, a Buffer or another view of one, not ${typeof payload}`,
  )
}
