import { constants, deflateRawSync } from 'node:zlib'
import { close, type FrameOptions, frame, MASKING_KEY, ping, pong } from '@upwire/testkit'
import type { Choices } from '../test/support/random-source.ts'

const TEXT = 'grün, 日本, 😀 and plain; '
const RSV1 = 0b100
const LENGTHS = [0, 1, 3, 20, 60, 125, 126, 300]

export interface StreamOptions {
  readonly mask: Buffer | false
  /** Whether some messages are compressed. Default false. */
  readonly compressed?: boolean
  /** How likely a frame of a message breaks a rule of RFC 6455 §5. Default 0: the stream is valid. */
  readonly faults?: number
}

/** A stream, valid but for the faults asked for: messages, whole and in fragments, with control frames between and sometimes a Close at the end. */
export function stream(choices: Choices, options: StreamOptions): Buffer {
  const { mask } = options
  const frames = Array.from({ length: 1 + choices.below(4) }, () => message(choices, options))
  if (choices.chance(0.4)) frames.push(close(choices.oneOf([undefined, 1000, 1001, 4999]), '', { mask }))
  if (choices.chance(0.2)) frames.push(close(1000, 'grüße', { mask }))
  return Buffer.concat(frames)
}

function message(choices: Choices, { mask, compressed = false, faults = 0 }: StreamOptions): Buffer {
  const [isText, length] = [choices.chance(0.6), choices.oneOf(LENGTHS)]
  const plain = isText ? textOf(length) : Buffer.alloc(length, 0xff)
  const isCompressed = compressed && choices.chance(0.7)
  const payload = isCompressed ? deflated(plain) : plain
  const fragments = choices.oneOf([1, 1, 2, 3, 6])
  const size = Math.ceil(payload.length / fragments)
  return Buffer.concat(
    Array.from({ length: fragments }, (_, index) => {
      const part = payload.subarray(index * size, (index + 1) * size)
      const opcode = index === 0 ? (isText ? 1 : 2) : 0
      const control = choices.chance(0.2) ? [choices.oneOf([ping, pong])('are you there?', { mask })] : []
      const rsv = isCompressed && index === 0 ? RSV1 : 0
      return Buffer.concat([
        ...control,
        frame(opcode, part, {
          mask,
          rsv,
          fin: index === fragments - 1,
          ...(choices.chance(faults) && fault(choices)),
        }),
      ])
    }),
  )
}

function fault(choices: Choices): FrameOptions {
  return choices.oneOf<FrameOptions>([
    { rsv: choices.below(8) },
    { fin: choices.chance(0.5) },
    { lengthBytes: choices.oneOf([2, 8]) },
    { mask: choices.oneOf([MASKING_KEY, false]) },
    { length: choices.below(400) },
  ])
}

function textOf(length: number): Buffer {
  return Buffer.from(TEXT.repeat(12).slice(0, length))
}

/** As RFC 7692 §7.2.1 has it. */
function deflated(message: Buffer): Buffer {
  if (message.length === 0) return Buffer.of(0)
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}
