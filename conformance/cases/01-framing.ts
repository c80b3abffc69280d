import type { Case, Section } from '../vocabulary/case.ts'
import { data, type MessageType } from '../vocabulary/frame.ts'
import { answers, echo } from '../vocabulary/outcome.ts'
import { filler } from '../vocabulary/payload.ts'
import { type Chop, sendChopped } from '../vocabulary/step.ts'

/** Around the borders of the three forms of a length (RFC 6455 §5.2). */
const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536]
const PIECE = 997

function message(id: string, type: MessageType, bytes: number, chop: Chop, how = ''): Case {
  return {
    id,
    sentence: `echoes a ${type} message of ${bytes} bytes${how}`,
    steps: [sendChopped(chop, data(type, filler(bytes)))],
    ...answers(echo(type, filler(bytes))),
  }
}

function framingsOf(type: MessageType, group: string): Case[] {
  return [
    ...SIZES.map((bytes, index) => message(`${group}.${index + 1}`, type, bytes, 'at once')),
    message(`${group}.8`, type, 65_536, PIECE, ` that comes in pieces of ${PIECE}`),
  ]
}

export const framing: Section = {
  number: 1,
  title: 'Framing',
  cases: [...framingsOf('text', '1.1'), ...framingsOf('binary', '1.2')],
}
