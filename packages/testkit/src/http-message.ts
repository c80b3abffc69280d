/** An HTTP/1.1 response as it lies on the wire (RFC 9112), read without the parser under test. */

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  /** Names in lower case; one value for each time the name was sent. */
  readonly headers: ReadonlyMap<string, readonly string[]>
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) (.*)$/

/** Where the head in `bytes` ends, its empty line included; -1 while that has not come. */
export function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf(HEAD_END)
  return at < 0 ? -1 : at + HEAD_END.length
}

/** Reads a whole head, as far as `headEnd` has it. */
export function readHead(head: string): ResponseHead {
  const [statusLine, ...fields] = head.slice(0, -HEAD_END.length).split('\r\n')
  const match = STATUS_LINE.exec(statusLine)
  if (!match) throw new SyntaxError(`Not a status line of HTTP/1.1: ${JSON.stringify(statusLine)}`)
  const headers = new Map<string, string[]>()
  for (const field of fields) {
    const colon = field.indexOf(':')
    const name = field.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), field.slice(colon + 1).trim()])
  }
  return { status: Number(match[1]), statusText: match[2], headers }
}

/** The body that `bytes` starts with, or undefined while it is not whole (RFC 9112 §6.3). */
export function readBody({ headers }: ResponseHead, bytes: Buffer, hasEnded: boolean): string | undefined {
  if (headers.get('transfer-encoding')?.includes('chunked')) return readChunks(bytes)
  const [announced] = headers.get('content-length') ?? []
  if (announced === undefined) return hasEnded ? bytes.toString() : undefined
  const length = Number(announced)
  return bytes.length < length ? undefined : bytes.toString('utf8', 0, length)
}

/** RFC 9112 §7.1, without trailers. */
function readChunks(bytes: Buffer): string | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const sizeEnd = bytes.indexOf('\r\n', at)
    if (sizeEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, sizeEnd), 16)
    const start = sizeEnd + 2
    at = start + size + 2
    if (bytes.length < at) return undefined
    if (size === 0) return Buffer.concat(chunks).toString()
    chunks.push(bytes.subarray(start, start + size))
  }
}
