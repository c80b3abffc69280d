/** `first` is the frame's first byte: FIN, RSV and opcode. The payload is unmasked and may be overwritten afterwards. */
export type OnFrame = (first: number, payload: Buffer) => void

/** Finds frames in what arrives (RFC 6455 §5.2), cut anywhere. Of their rules it checks none. */
export class FrameReader {
  #unread: Buffer = Buffer.alloc(0)

  push(bytes: Buffer, onFrame: OnFrame): void {
    let unread = this.#unread.length > 0 ? Buffer.concat([this.#unread, bytes]) : bytes
    for (let end = frameEnd(unread); end <= unread.length; end = frameEnd(unread)) {
      onFrame(unread[0]!, payloadOf(unread.subarray(0, end)))
      unread = unread.subarray(end)
    }
    this.#unread = Buffer.from(unread)
  }
}

/** Where the first frame ends; beyond the bytes where that is not known yet. */
function frameEnd(bytes: Buffer): number {
  if (bytes.length < headerBytes(bytes)) return Number.POSITIVE_INFINITY
  const length = bytes[1]! & 0x7f
  if (length === 126) return headerBytes(bytes) + bytes.readUInt16BE(2)
  if (length === 127) return headerBytes(bytes) + Number(bytes.readBigUInt64BE(2))
  return headerBytes(bytes) + length
}

function headerBytes(bytes: Buffer): number {
  if (bytes.length < 2) return 2
  const length = bytes[1]! & 0x7f
  const extendedLengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0
  return 2 + extendedLengthBytes + (isMasked(bytes) ? 4 : 0)
}

function payloadOf(frame: Buffer): Buffer {
  const start = headerBytes(frame)
  const payload = frame.subarray(start)
  if (!isMasked(frame)) return payload
  const key = frame.subarray(start - 4, start)
  return Buffer.from(payload.map((byte, index) => byte ^ key[index % 4]!))
}

function isMasked(bytes: Buffer): boolean {
  return bytes[1]! >= 0x80
}
