import type { Choices } from '../test/support/random-source.ts'

type Mutation = (bytes: Buffer, choices: Choices) => Buffer

const TELLING_BYTES = [0, 0x7e, 0x7f, 0x80, 0xfe, 0xff]
/** Lengths of 64 bits at which something changes: overlong, 2^32, 2^53, negative. */
const LONG_LENGTHS = ['0000000000000005', '0000000100000000', '0020000000000000', '8000000000000000']

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, choices) {
    bytes[choices.below(bytes.length)] ^= 1 << choices.below(8)
    return bytes
  },
  function changeByte(bytes, choices) {
    bytes[choices.below(bytes.length)] = choices.oneOf([...TELLING_BYTES, choices.below(256)])
    return bytes
  },
  function changeHeader(bytes, choices) {
    bytes[choices.below(Math.min(14, bytes.length))] = choices.below(256)
    return bytes
  },
  function announceInEightBytes(bytes, choices) {
    const length = Buffer.from(choices.oneOf(LONG_LENGTHS), 'hex')
    return insert(bytes, choices.below(bytes.length), Buffer.of(127 | choices.oneOf([0, 0x80]), ...length))
  },
  function cutOut(bytes, choices) {
    const [start, length] = [choices.below(bytes.length), choices.below(6)]
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)])
  },
  function putIn(bytes, choices) {
    const at = choices.below(bytes.length)
    return insert(bytes, at, choices.bytes(1 + choices.below(6)))
  },
  function repeat(bytes, choices) {
    const [start, length] = [choices.below(bytes.length), choices.below(bytes.length)]
    return insert(bytes, start, bytes.subarray(start, start + length))
  },
  function breakOff(bytes, choices) {
    return bytes.subarray(0, choices.below(bytes.length))
  },
]

/** A copy with up to three changes. */
export function mutate(original: Buffer, choices: Choices): Buffer {
  let bytes: Buffer = Buffer.from(original)
  for (let count = 1 + choices.below(3); count > 0 && bytes.length > 0; count--) {
    bytes = choices.oneOf(MUTATIONS)(bytes, choices)
  }
  return bytes
}

/** The start of one and the end of another. */
export function splice(first: Buffer, second: Buffer, choices: Choices): Buffer {
  const [end, start] = [choices.below(first.length + 1), choices.below(second.length + 1)]
  return Buffer.concat([first.subarray(0, end), second.subarray(start)])
}

/** One part of it again and again, until it is `length` bytes long: what takes more than linear time shows. */
export function stretch(bytes: Buffer, length: number, choices: Choices): Buffer {
  if (bytes.length === 0) return bytes
  const start = choices.below(bytes.length)
  const part = bytes.subarray(start, start + 1 + choices.below(24))
  return insert(bytes, start, Buffer.alloc(Math.max(0, length - bytes.length), part))
}

/** A copy in chunks, cut at random places; the same for the same choices. A long one is cut into some thousands at most. */
export function cutAnywhere(bytes: Buffer, choices: Choices): Buffer[] {
  const copy = Buffer.from(bytes)
  const chunks: Buffer[] = []
  const longest = Math.max(choices.oneOf([1, 3, 20, 200]), bytes.length >> 11)
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + choices.below(longest)
    chunks.push(copy.subarray(at, end))
    at = end
  }
  return chunks
}

function insert(bytes: Buffer, at: number, more: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}
