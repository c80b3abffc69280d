import { isAscii, isUtf8 } from 'node:buffer'
import type { Close } from '../../src/protocol/close-payload.ts'
import { FrameParser } from '../../src/protocol/frame-parser.ts'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import {
  MessageAssembler,
  type MessageLimits,
  type MessageSink,
} from '../../src/protocol/message-assembler.ts'
import type { Role } from '../../src/protocol/role.ts'
import { brokenRule } from './broken-rule.ts'

const MIB = 1024 * 1024

/** Writes down messages and control frames in their order, as `kind:payload`; only text is shown as text. */
export class MessageRecorder implements MessageSink {
  readonly events: string[] = []

  text(bytes: Buffer, start: number, end: number, seen: number): void {
    const payload = bytes.subarray(start, end)
    if (!isUtf8(payload)) throw new Error('A text that is not UTF-8')
    if (seen < 0x80 && !isAscii(payload)) throw new Error('Not the ASCII it is said to be')
    this.events.push(`text:${payload.toString()}`)
  }

  binary(bytes: Buffer, start: number, end: number): void {
    this.events.push(`binary:${bytes.toString('hex', start, end)}`)
  }

  ping(payload: Buffer): void {
    this.events.push(`ping:${payload.toString('hex')}`)
  }

  pong(payload: Buffer): void {
    this.events.push(`pong:${payload.toString('hex')}`)
  }

  close({ code, reason }: Close): void {
    this.events.push(`close:${code} ${reason.toString()}`.trim())
  }
}

export function limitsWith(changes: Partial<MessageLimits> = {}): MessageLimits {
  return { maxPayload: MIB, maxFragments: 1000, budget: new MemoryBudget(16 * MIB), ...changes }
}

/** A parser and an assembler together, and what they report. */
export function receiver(role: Role, limits: MessageLimits = limitsWith()) {
  const recorder = new MessageRecorder()
  const assembler = new MessageAssembler(recorder, limits)
  return { parser: new FrameParser(role, assembler), assembler, events: recorder.events }
}

/** What becomes of chunks: messages and control frames, and the rule that was broken. */
export function receive(role: Role, chunks: Buffer[], limits?: MessageLimits) {
  const { parser, events } = receiver(role, limits)
  const error = brokenRule(() => {
    for (const chunk of chunks) parser.push(chunk)
  })
  return { events, error }
}
