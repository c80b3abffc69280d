import {
  binary,
  close,
  continuation,
  type FrameOptions,
  frame,
  MASKING_KEY,
  ping,
  pong,
  text,
} from './frames.ts'

/** Bytes that no peer may send after the opening handshake, and the close code that they earn. */
export interface InvalidFrames {
  /** Ends a sentence that begins with "refuses". */
  readonly name: string
  readonly bytes: Buffer
  readonly closeCode: number
}

const PROTOCOL_ERROR = 1002
const INVALID_PAYLOAD = 1007
const TOO_BIG = 1009

const RESERVED_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]
const FORBIDDEN_CLOSE_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]

/** Byte sequences that are not UTF-8 (RFC 3629 §3), as whole texts. */
const INVALID_TEXTS: Readonly<Record<string, string>> = {
  'a lone continuation byte': '80',
  'a byte that UTF-8 never has': 'ff',
  'an overlong form of two bytes': 'c0af',
  'an overlong form of three bytes': 'e080af',
  'an overlong form of four bytes': 'f08080af',
  'a surrogate': 'eda080',
  'a code point above U+10FFFF': 'f4908080',
  'a character cut off by the end': '48c3',
}

/** What a server must refuse: frames from a client, masked where that is not the point. */
export const INVALID_CLIENT_FRAMES = invalidFrames(MASKING_KEY)

/** What a client must refuse: frames from a server, unmasked where that is not the point. */
export const INVALID_SERVER_FRAMES = invalidFrames(false)

/** Messages one byte longer than an endpoint with this limit takes. */
export function oversizedMessages(
  maxPayload: number,
  mask: FrameOptions['mask'] = MASKING_KEY,
): InvalidFrames[] {
  const half = Buffer.alloc(Math.ceil((maxPayload + 1) / 2))
  const rest = Buffer.alloc(maxPayload + 1 - half.length)
  const fragments = [binary(half, { fin: false, mask }), continuation(rest, { mask })]
  return [
    {
      name: 'a message above the limit in one frame',
      bytes: binary(Buffer.alloc(maxPayload + 1), { mask }),
      closeCode: TOO_BIG,
    },
    {
      name: 'a message above the limit that has only been announced',
      bytes: binary(Buffer.alloc(0), { mask, length: maxPayload + 1 }),
      closeCode: TOO_BIG,
    },
    {
      name: 'a message above the limit over two fragments',
      bytes: Buffer.concat(fragments),
      closeCode: TOO_BIG,
    },
  ]
}

function invalidFrames(mask: Uint8Array | false): InvalidFrames[] {
  return [
    ...invalidHeaders(mask),
    ...invalidSequences(mask),
    ...invalidLengths(mask),
    ...invalidCloses(mask),
    ...invalidTexts(mask),
  ]
}

function invalidHeaders(mask: Uint8Array | false): InvalidFrames[] {
  const rsv = [1, 2, 3].map((bit) =>
    broken(`RSV${bit} without an extension`, text('hi', { mask, rsv: 0b1000 >> bit })),
  )
  const rsvOfControl = broken('RSV1 on a control frame', ping('hi', { mask, rsv: 0b100 }))
  const opcodes = RESERVED_OPCODES.map((opcode) =>
    broken(`the reserved opcode ${opcode}`, frame(opcode, '', { mask })),
  )
  const wrongMask =
    mask === false
      ? broken('a masked frame from a server', text('hi'))
      : broken('an unmasked frame from a client', text('hi', { mask: false }))
  return [...rsv, rsvOfControl, ...opcodes, wrongMask]
}

function invalidSequences(mask: Uint8Array | false): InvalidFrames[] {
  const fin = false
  const start = text('a', { mask, fin })
  return [
    broken('a fragmented Ping', ping('hi', { mask, fin })),
    broken('a fragmented Pong', pong('hi', { mask, fin })),
    broken('a fragmented Close', close(1000, '', { mask, fin })),
    broken('a Ping of 126 bytes', ping('p'.repeat(126), { mask })),
    broken('a Pong of 126 bytes', pong('p'.repeat(126), { mask })),
    broken('a Close of 126 bytes', close(1000, 'r'.repeat(124), { mask })),
    broken('a continuation of nothing', continuation('a', { mask })),
    broken('an unfinished continuation of nothing', continuation('a', { mask, fin })),
    broken(
      'a continuation of a whole message',
      Buffer.concat([text('a', { mask }), continuation('b', { mask })]),
    ),
    broken('a new text inside a fragmented message', Buffer.concat([start, text('b', { mask })])),
    broken(
      'a new binary inside a fragmented message',
      Buffer.concat([start, binary(Buffer.of(1), { mask })]),
    ),
  ]
}

function invalidLengths(mask: Uint8Array | false): InvalidFrames[] {
  const announcing = (length: bigint) => binary(Buffer.alloc(0), { mask, length, lengthBytes: 8 })
  const tooBig = (name: string, length: bigint) => ({ name, bytes: announcing(length), closeCode: TOO_BIG })
  return [
    broken('125 bytes announced in 16 bits', binary(Buffer.alloc(125), { mask, lengthBytes: 2 })),
    broken('no bytes announced in 16 bits', binary(Buffer.alloc(0), { mask, lengthBytes: 2 })),
    broken('125 bytes announced in 64 bits', binary(Buffer.alloc(125), { mask, lengthBytes: 8 })),
    broken('65,535 bytes announced in 64 bits', binary(Buffer.alloc(65535), { mask, lengthBytes: 8 })),
    tooBig('2^31 bytes announced', 1n << 31n),
    tooBig('2^32 bytes announced', 1n << 32n),
    tooBig('2^53 - 1 bytes announced', (1n << 53n) - 1n),
    tooBig('2^53 bytes announced', 1n << 53n),
    tooBig('2^63 - 1 bytes announced', (1n << 63n) - 1n),
    broken('2^63 bytes announced', announcing(1n << 63n)),
    broken('2^64 - 1 bytes announced', announcing((1n << 64n) - 1n)),
  ]
}

function invalidCloses(mask: Uint8Array | false): InvalidFrames[] {
  const codes = FORBIDDEN_CLOSE_CODES.map((code) =>
    broken(`the close code ${code}`, close(code, '', { mask })),
  )
  const reasons = Object.entries(INVALID_TEXTS).map(([what, hex]) =>
    notUtf8(`a close reason with ${what}`, close(1000, Buffer.from(hex, 'hex'), { mask })),
  )
  return [broken('a Close of one byte', frame(0x8, Buffer.of(3), { mask })), ...codes, ...reasons]
}

function invalidTexts(mask: Uint8Array | false): InvalidFrames[] {
  const fin = false
  const texts = Object.entries(INVALID_TEXTS).map(([what, hex]) => ({ what, bytes: Buffer.from(hex, 'hex') }))
  const cutEuro = [text(Buffer.from('e282', 'hex'), { mask, fin }), continuation('!', { mask, fin })]
  return [
    ...texts.map(({ what, bytes }) => notUtf8(`a text with ${what}`, text(bytes, { mask }))),
    ...texts.map(({ what, bytes }) => {
      const fragments = [...bytes].map((byte) => continuation(Buffer.of(byte), { mask, fin }))
      const all = [text('a', { mask, fin }), ...fragments, continuation('', { mask })]
      return notUtf8(`a text with ${what}, each byte a fragment`, Buffer.concat(all))
    }),
    notUtf8('a character that the next fragment breaks off, before the message ends', Buffer.concat(cutEuro)),
    notUtf8(
      'an invalid byte at the start of a frame whose rest has not come',
      text(Buffer.of(0xff), { mask, length: 1000 }),
    ),
  ]
}

function broken(name: string, bytes: Buffer): InvalidFrames {
  return { name, bytes, closeCode: PROTOCOL_ERROR }
}

function notUtf8(name: string, bytes: Buffer): InvalidFrames {
  return { name, bytes, closeCode: INVALID_PAYLOAD }
}
