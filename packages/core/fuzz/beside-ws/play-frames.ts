import type { InflateContext } from '../../src/permessage-deflate/context.ts'
import { openInflateContext } from '../../src/permessage-deflate/open-context.ts'
import type { Close } from '../../src/protocol/close-payload.ts'
import { FrameParser } from '../../src/protocol/frame-parser.ts'
import { MessageAssembler } from '../../src/protocol/message-assembler.ts'
import type { MessageDecompressor } from '../../src/protocol/message-compression.ts'
import { brokenRule } from '../../test/support/broken-rule.ts'
import { MessageRecorder } from '../../test/support/message-recorder.ts'
import { type FrameInput, WatchedBudget } from '../frame-input.ts'
import { WatchedOutput } from '../watched-output.ts'
import { type WsReceiver, wsDeflate, wsReceiver } from './ws-internals.ts'

/** What an endpoint made of a stream. */
export interface Outcome {
  /** Messages and control frames, in their order; a Close is the last. */
  readonly events: readonly string[]
  /** The code of the error that failed the connection, and its close code. */
  readonly error: string | undefined
}

export interface OurOutcome extends Outcome {
  /** How many events came before the first message that has a final DEFLATE block (RFC 1951 §3.2.3), if one has. */
  readonly finalBlockAfter: number | undefined
  /** Whether more is owed of a frame or a message. */
  readonly isUnfinished: boolean
}

/** Our parser and assembler, up to a Close frame as in a connection. */
export function playOurs(input: FrameInput): OurOutcome {
  const { role, limits, compressed, contextTakeover } = input
  const recorder = new ClosingRecorder()
  const assembler = new MessageAssembler(recorder, { ...limits, budget: new WatchedBudget() })
  const parser = new FrameParser(role, assembler)
  const decompressor = compressed ? new WatchedDecompressor(contextTakeover, recorder.events) : undefined
  assembler.decompressWith(decompressor)
  parser.allowRsv1(compressed)
  recorder.onClose = () => parser.stop()
  const error = brokenRule(() => {
    for (const chunk of input.chunks()) {
      parser.push(chunk)
      if (recorder.hasClosed) break
    }
  })
  decompressor?.close()
  return {
    events: recorder.events,
    error,
    finalBlockAfter: decompressor?.finalBlockAfter,
    isUnfinished: error === undefined && !recorder.hasClosed && parser.unfinished,
  }
}

/** The receiver of `ws`, with the same limits. */
export async function playWs(input: FrameInput): Promise<Outcome> {
  const { role, limits, compressed, contextTakeover } = input
  const deflate = compressed ? wsDeflate(role, limits.maxPayload, contextTakeover) : undefined
  const receiver = wsReceiver({ role, ...limits, deflate })
  const recorder = new MessageRecorder()
  receiver.on('error', () => {})
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) recorder.binary(data, 0, data.length)
    else recorder.text(data, 0, data.length, 0xff)
  })
  receiver.on('ping', (payload: Buffer) => recorder.ping(payload))
  receiver.on('pong', (payload: Buffer) => recorder.pong(payload))
  receiver.on('conclude', (code: number, reason: Buffer) => recorder.close({ code, reason }))
  const error = await writeEach(receiver, input.chunks())
  deflate?.cleanup()
  return { events: recorder.events, error }
}

/**
 * Writes chunk after chunk, each when the one before is done: a receiver of `ws` 8.23 that has chunks waiting when it fails
 * goes on with them, and may throw. Returns the code of the error, if any.
 */
async function writeEach(receiver: WsReceiver, chunks: readonly Buffer[]): Promise<string | undefined> {
  for (const chunk of chunks) {
    if (receiver.writableEnded) break
    const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
      receiver.write(chunk, resolve)
    })
    if (error) return error.code
  }
  receiver.destroy()
  return undefined
}

class ClosingRecorder extends MessageRecorder {
  hasClosed = false
  onClose = (): void => {}

  override close(close: Close): void {
    super.close(close)
    this.hasClosed = true
    this.onClose()
  }
}

class WatchedDecompressor implements MessageDecompressor {
  readonly #context: InflateContext
  readonly #events: readonly string[]
  finalBlockAfter: number | undefined

  constructor(contextTakeover: boolean, events: readonly string[]) {
    this.#context = openInflateContext({ windowBits: 15, contextTakeover })
    this.#events = events
  }

  inflate(payload: Uint8Array, maxBytes: number): Buffer {
    const parts: Buffer[] = []
    const output = new WatchedOutput(maxBytes, (part) => parts.push(part))
    try {
      this.#context.push(payload, output)
      this.#context.end(output)
    } finally {
      if (output.finalBlocks > 0) this.finalBlockAfter ??= this.#events.length
    }
    return Buffer.concat(parts)
  }

  close(): void {
    this.#context.close()
  }
}
