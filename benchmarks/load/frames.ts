/** RFC 6455 §5.3 wants a fresh key per frame; frames built once serve a load as well. */
const maskingKey = Buffer.from('37fa213d', 'hex')

export const text = 0x1
export const binary = 0x2
const close = 0x8
const fin = 0x80
const masked = 0x80

/** RSV1: the message is compressed (RFC 7692 §6). */
export const compressed = 0x40

/** A complete message as a server sends it (RFC 6455 §5.2). `first` is its opcode, with `compressed` where it is. */
export function serverFrame(first: number, payload: Buffer): Buffer {
  return Buffer.concat([header(first, payload.length, 0), payload])
}

/** A complete message as a client sends it. */
export function clientFrame(first: number, payload: Buffer): Buffer {
  const maskedPayload = payload.map((byte, index) => byte ^ maskingKey[index % 4]!)
  return Buffer.concat([header(first, payload.length, masked), maskingKey, maskedPayload])
}

/** A client's close frame with code 1000 (RFC 6455 §5.5.1). */
export const closeFrame = clientFrame(close, Buffer.from('03e8', 'hex'))

function header(opcode: number, payloadBytes: number, maskBit: number): Buffer {
  if (payloadBytes <= 125) return Buffer.from([fin | opcode, maskBit | payloadBytes])
  const extended = payloadBytes <= 0xffff ? Buffer.alloc(4) : Buffer.alloc(10)
  extended[0] = fin | opcode
  if (extended.length === 4) {
    extended[1] = maskBit | 126
    extended.writeUInt16BE(payloadBytes, 2)
  } else {
    extended[1] = maskBit | 127
    extended.writeBigUInt64BE(BigInt(payloadBytes), 2)
  }
  return extended
}
