import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import { FrameParser, type FrameSink } from '../../src/protocol/frame-parser.ts'
import { MessageAssembler } from '../../src/protocol/message-assembler.ts'
import { brokenRule } from '../../test/support/broken-rule.ts'
import { MessageRecorder } from '../../test/support/message-recorder.ts'
import { type FrameInput, generateFrameInput, readFrameInput, WatchedBudget } from '../frame-input.ts'
import { expectSame, expectThat, type Fuzzer } from '../fuzzer.ts'

const MAX_TRUSTED_BYTES = 64 * 1024
/** The shortest frame of all is an unmasked header of two bytes. */
const LEAST_FRAME_BYTES = 2
/** A frame in parts has a start, an end, and a part for each chunk. */
const CALLS_PER_FRAME = 3

/** The frame parser and the message assembler, in both roles. */
export const frames: Fuzzer = {
  name: 'frames',
  seeds: 'frames',
  about: 'the frame parser and the message assembler, both roles, cut anywhere',
  generate: generateFrameInput,
  check(input) {
    const setup = readFrameInput(input)
    const whole = outcome(setup, [Buffer.from(setup.bytes)])
    expectSame(whole, outcome(setup, setup.chunks()), 'the outcome does not depend on where chunks end')
  },
}

/** What becomes of chunks, line by line. */
function outcome({ role, compressed, contextTakeover, limits }: FrameInput, chunks: Buffer[]): string {
  const budget = new WatchedBudget()
  const recorder = new MessageRecorder()
  const assembler = new MessageAssembler(recorder, { ...limits, budget })
  const sink = new CountingSink(assembler)
  const parser = new FrameParser(role, sink)
  const inflater = compressed ? new Inflater({ windowBits: 15, contextTakeover }) : undefined
  assembler.decompressWith(inflater)
  parser.allowRsv1(compressed)

  let arrived = 0
  const error = brokenRule(() => {
    for (const chunk of chunks) {
      arrived += chunk.length
      const end = parser.push(chunk)
      expectThat(end === chunk.length, 'every byte is parsed', () => `${end} of ${chunk.length}`)
    }
  })
  expectBounded(budget, arrived, limits.maxPayload)
  expectLinear(sink.calls, budget.takes, arrived, chunks.length)
  if (error === undefined && !parser.unfinished) expectNothingHeld(budget)
  const isUnfinished = error === undefined && parser.unfinished
  assembler.release()
  inflater?.close()
  expectNothingHeld(budget)
  return [...recorder.events, error ?? (isUnfinished ? 'unfinished' : 'finished')].join('\n')
}

function expectBounded(budget: WatchedBudget, arrived: number, maxPayload: number): void {
  const most = Math.min(2 * arrived + MAX_TRUSTED_BYTES, maxPayload)
  const used = budget.mostUsedBytes
  expectThat(used <= most, 'what is held is bounded', () => `${used} bytes held, ${arrived} arrived`)
}

function expectLinear(calls: number, takes: number, bytes: number, chunks: number): void {
  const most = (CALLS_PER_FRAME * bytes) / LEAST_FRAME_BYTES + chunks
  expectThat(calls <= most, 'calls are linear in the bytes', () => `${calls} calls for ${bytes} bytes`)
  expectThat(takes <= most, 'memory is taken in linear steps', () => `${takes} times for ${bytes} bytes`)
}

function expectNothingHeld({ usedBytes }: WatchedBudget): void {
  expectThat(usedBytes === 0, 'memory is given back', () => `${usedBytes} bytes are still held`)
}

/** Passes everything on, and counts. */
class CountingSink implements FrameSink {
  readonly #sink: FrameSink
  calls = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  frame(first: number, bytes: Buffer, start: number, end: number, seen: number): void {
    this.calls++
    this.#sink.frame(first, bytes, start, end, seen)
  }

  frameStart(first: number, length: number): void {
    this.calls++
    this.#sink.frameStart(first, length)
  }

  framePart(bytes: Buffer, start: number, end: number, seen: number): void {
    this.calls++
    this.#sink.framePart(bytes, start, end, seen)
  }

  frameEnd(): void {
    this.calls++
    this.#sink.frameEnd()
  }
}
