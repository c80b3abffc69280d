import { close, frame, ping, pong } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import type { Role } from '../../src/protocol/role.ts'
import { randomSource } from '../handshake/hostile.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { limitsWith, receiver } from '../support/message-recorder.ts'
import { peerMask, ROLES } from '../support/peer.ts'

const SEED = 0x5ca1ab1e
const MUTATIONS_PER_ROLE = 50_000
const STREAMS = 500
const MAX_PAYLOAD_BYTES = 100_000
const TEXT = 'grün, 日本, 😀 and plain; '

/** What a mutated stream can be refused for. The shared budget is larger than all limits together. */
const REACHABLE = [
  'UPWIRE_NEGATIVE_LENGTH',
  'UPWIRE_OVERLONG_LENGTH',
  'WS_ERR_EXPECTED_FIN',
  'WS_ERR_INVALID_CLOSE_CODE',
  'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
  'WS_ERR_INVALID_OPCODE',
  'WS_ERR_INVALID_UTF8',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
  'WS_ERR_UNEXPECTED_RSV_1',
  'WS_ERR_UNEXPECTED_RSV_2_3',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
]

/** Random choices, the same for the same seed. */
class Choices {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomSource(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)]
  }
}

/** A valid stream: messages, whole and in fragments, with control frames between and sometimes a Close at the end. */
function validStream(choices: Choices, mask: Buffer | false): Buffer {
  const frames = Array.from({ length: 1 + choices.below(4) }, () => validMessage(choices, mask))
  if (choices.chance(0.4)) frames.push(close(choices.oneOf([undefined, 1000, 1001, 4999]), '', { mask }))
  if (choices.chance(0.2)) frames.push(close(1000, 'grüße', { mask }))
  return Buffer.concat(frames)
}

function validMessage(choices: Choices, mask: Buffer | false): Buffer {
  const [isText, length] = [choices.chance(0.6), choices.oneOf([0, 1, 3, 20, 60, 125, 126, 300])]
  const payload = isText ? Buffer.from(TEXT.repeat(12).slice(0, length)) : Buffer.alloc(length, 0xff)
  const fragments = choices.oneOf([1, 1, 2, 3, 6])
  const size = Math.ceil(payload.length / fragments)
  return Buffer.concat(
    Array.from({ length: fragments }, (_, index) => {
      const part = payload.subarray(index * size, (index + 1) * size)
      const opcode = index === 0 ? (isText ? 1 : 2) : 0
      const control = choices.chance(0.2) ? [choices.oneOf([ping, pong])('are you there?', { mask })] : []
      return Buffer.concat([...control, frame(opcode, part, { mask, fin: index === fragments - 1 })])
    }),
  )
}

type Mutation = (bytes: Buffer, choices: Choices) => Buffer

const MUTATIONS: Mutation[] = [
  function flipBit(bytes, choices) {
    bytes[choices.below(bytes.length)] ^= 1 << choices.below(8)
    return bytes
  },
  function changeByte(bytes, choices) {
    bytes[choices.below(bytes.length)] = choices.oneOf([0, 0x7e, 0x7f, 0x80, 0xfe, 0xff, choices.below(256)])
    return bytes
  },
  function changeHeader(bytes, choices) {
    bytes[choices.below(Math.min(14, bytes.length))] = choices.below(256)
    return bytes
  },
  function announceInEightBytes(bytes, choices) {
    const length = choices.oneOf([
      '0000000000000005',
      '0000000100000000',
      '0020000000000000',
      '8000000000000000',
    ])
    const at = choices.below(bytes.length)
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.of(127 | choices.oneOf([0, 0x80])),
      Buffer.from(length, 'hex'),
      bytes.subarray(at),
    ])
  },
  function cutOut(bytes, choices) {
    const [start, length] = [choices.below(bytes.length), choices.below(6)]
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)])
  },
  function putIn(bytes, choices) {
    const at = choices.below(bytes.length)
    const more = Buffer.from(Array.from({ length: 1 + choices.below(6) }, () => choices.below(256)))
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  },
  function repeat(bytes, choices) {
    const [start, length] = [choices.below(bytes.length), choices.below(bytes.length)]
    const part = bytes.subarray(start, start + length)
    return Buffer.concat([bytes.subarray(0, start), part, part, bytes.subarray(start + length)])
  },
  function breakOff(bytes, choices) {
    return bytes.subarray(0, choices.below(bytes.length))
  },
]

function mutate(stream: Buffer, choices: Choices): Buffer {
  let bytes: Buffer = Buffer.from(stream)
  for (let count = 1 + choices.below(3); count > 0 && bytes.length > 0; count--) {
    bytes = choices.oneOf(MUTATIONS)(bytes, choices)
  }
  return bytes
}

function cutAnywhere(bytes: Buffer, choices: Choices): Buffer[] {
  const copy = Buffer.from(bytes)
  const chunks: Buffer[] = []
  const longest = choices.oneOf([1, 3, 20, 200])
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + choices.below(longest)
    chunks.push(copy.subarray(at, end))
    at = end
  }
  return chunks
}

/** What becomes of chunks, in one line; and whether the memory they took is given back in the end. */
function outcome(role: Role, chunks: Buffer[]) {
  const limits = limitsWith({ maxPayload: MAX_PAYLOAD_BYTES, maxFragments: 10 })
  const { parser, assembler, events } = receiver(role, limits)
  const error = brokenRule(() => {
    for (const chunk of chunks) {
      const end = parser.push(chunk)
      if (end !== chunk.length) throw new Error(`Parsed to ${end} of ${chunk.length}`)
    }
  })
  assembler.release()
  if (limits.budget.usedBytes !== 0) throw new Error('Memory was not given back')
  return { error, line: [...events, error].join('\n') }
}

describe.each(ROLES)('what reaches a %s', (role) => {
  const title = `ends well or in a documented error, however it is cut: ${MUTATIONS_PER_ROLE} mutations, seed ${SEED}`

  it(title, { timeout: 60_000 }, () => {
    const choices = new Choices(SEED)
    const streams = Array.from({ length: STREAMS }, () => validStream(choices, peerMask(role)))
    const errors = new Map<string | undefined, number>()
    for (let round = 0; round < MUTATIONS_PER_ROLE; round++) {
      const bytes = mutate(choices.oneOf(streams), choices)
      const inPieces = outcome(role, cutAnywhere(bytes, choices))
      const whole = outcome(role, [Buffer.from(bytes)])
      if (whole.line !== inPieces.line)
        expect(inPieces.line, `round ${round}: ${bytes.toString('hex')}`).toBe(whole.line)
      errors.set(whole.error, (errors.get(whole.error) ?? 0) + 1)
    }
    expect(errors.get(undefined)).toBeGreaterThan(MUTATIONS_PER_ROLE / 100)
    const maskError = role === 'server' ? 'WS_ERR_EXPECTED_MASK' : 'WS_ERR_UNEXPECTED_MASK'
    const codes = [...errors.keys()].filter((code) => code !== undefined)
    expect(codes.sort()).toEqual([...REACHABLE, maskError].sort())
  })

  it('ends well where it is not mutated', () => {
    const choices = new Choices(SEED)
    for (let round = 0; round < STREAMS; round++) {
      const bytes = validStream(choices, peerMask(role))
      expect(outcome(role, cutAnywhere(bytes, choices)).error).toBeUndefined()
    }
  })
})
