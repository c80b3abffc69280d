import { FrameParser, type FrameSink } from '../../src/protocol/frame-parser.ts'
import type { Role } from '../../src/protocol/role.ts'
import { brokenRule } from './broken-rule.ts'

export interface RecordedFrame {
  /** FIN, RSV bits and opcode. */
  readonly first: number
  payload: string
  /** Whether the parser said that every byte is below 0x80. */
  ascii: boolean
  /** The announced bytes that have not come. */
  missing: number
}

/** Writes down the frames a parser reports, the same for a whole one and for one in parts. */
export class FrameRecorder implements FrameSink {
  readonly frames: RecordedFrame[] = []
  #open: RecordedFrame | undefined

  frame(first: number, bytes: Buffer, start: number, end: number, seen: number): void {
    this.#expectNoneOpen()
    this.frames.push({ first, payload: bytes.toString('hex', start, end), ascii: seen < 0x80, missing: 0 })
  }

  frameStart(first: number, length: number): void {
    this.#expectNoneOpen()
    this.#open = { first, payload: '', ascii: true, missing: length }
    this.frames.push(this.#open)
  }

  framePart(bytes: Buffer, start: number, end: number, seen: number): void {
    if (!this.#open) throw new Error('A part without a frame')
    this.#open.payload += bytes.toString('hex', start, end)
    this.#open.ascii &&= seen < 0x80
    this.#open.missing -= end - start
  }

  frameEnd(): void {
    if (this.#open?.missing !== 0) throw new Error('An end before the whole payload')
    this.#open = undefined
  }

  #expectNoneOpen(): void {
    if (this.#open) throw new Error('A frame inside another')
  }
}

/** What a parser makes of chunks: the frames, whether more is owed, and the rule that was broken. */
export function parse(role: Role, chunks: Buffer[], extensions?: { rsv1: boolean }) {
  const recorder = new FrameRecorder()
  const parser = new FrameParser(role, recorder)
  parser.allowRsv1(extensions?.rsv1 ?? false)
  const error = brokenRule(() => {
    for (const chunk of chunks) parser.push(chunk)
  })
  return { frames: recorder.frames, error, unfinished: error === undefined && parser.unfinished }
}
