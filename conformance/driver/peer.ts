import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Agreement } from '../vocabulary/compression.ts'
import { close, type Frame, frame, Opcode } from '../vocabulary/frame.ts'
import type { Event } from '../vocabulary/outcome.ts'
import type { Role } from '../vocabulary/role.ts'
import { Deflater } from './deflater.ts'
import { encodeFrame } from './encode-frame.ts'
import { FrameReader, type WireFrame } from './frame-reader.ts'
import { Inflater } from './inflater.ts'
import { MessageReader, type Received } from './message-reader.ts'
import { Violation } from './violation.ts'

/** How long an endpoint that has something to say may send and take nothing. */
const PATIENCE_MS = 10_000

const NO_CODE = 1005
const NO_CLOSE_FRAME = 1006

export interface PeerOptions {
  readonly stream: Duplex
  /** The driver's. */
  readonly role: Role
  /** What came behind the head of the opening handshake. */
  readonly rest: Buffer
  /** Nothing where no compression was agreed on. */
  readonly agreement?: Agreement
}

/** The driver's end of an open connection: it sends what it is told to, and keeps what the other end does. */
export class Peer {
  /** What the endpoint under test did, in order. */
  readonly events: Event[] = []
  /** What it closed with, as RFC 6455 §7.1.5 counts it. */
  closeCode = NO_CLOSE_FRAME
  hasEnded = false
  /** Set where messages are compressed. */
  readonly deflater: Deflater | undefined

  readonly #stream: Duplex
  readonly #role: Role
  readonly #frames: FrameReader
  readonly #messages: MessageReader
  #state: 'open' | 'close sent' | 'closed' = 'open'
  #onChange: (() => void) | undefined

  constructor({ stream, role, rest, agreement }: PeerOptions) {
    const other = role === 'client' ? 'server' : 'client'
    this.#stream = stream
    this.#role = role
    this.#frames = new FrameReader(other)
    this.#messages = new MessageReader(agreement && new Inflater(agreement[other]))
    this.deflater = agreement && new Deflater(agreement[role])
    stream.on('data', (chunk) => this.#receive(chunk))
    stream.once('end', () => this.#end())
    stream.once('close', () => this.#end())
    if (rest.length > 0) this.#receive(rest)
    stream.resume()
  }

  /** Resolves when the bytes have left, or nobody takes them any more. */
  async send(frames: readonly Frame[], pieceBytes = Number.POSITIVE_INFINITY): Promise<void> {
    const bytes = Buffer.concat(frames.map((each) => encodeFrame(each, this.#role)))
    const closes = frames.some(({ opcode }) => opcode === Opcode.Close)
    if (closes && this.#state === 'open') this.#state = 'close sent'
    if (bytes.length <= pieceBytes) return this.#write(bytes)
    for (let at = 0; at < bytes.length && !this.hasEnded; at += pieceBytes) {
      await this.#write(bytes.subarray(at, at + pieceBytes))
      // The other end reads this piece by itself, and what it answers is read before the next write can fail.
      await turn()
    }
  }

  /** Resolves with true as soon as it holds, with false when nothing has moved for so long. */
  until(holds: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (outcome: boolean) => {
        clearTimeout(timer)
        this.#onChange = undefined
        resolve(outcome)
      }
      const timer = setTimeout(settle, patienceMs, false)
      this.#onChange = () => (holds() ? settle(true) : timer.refresh())
    })
  }

  /** Closes unless that has begun, and resolves when the connection is gone. */
  async finish(): Promise<void> {
    if (this.#state === 'open' && !this.hasEnded) await this.send([close(1000)])
    const hasEnded = await this.until(() => this.hasEnded)
    if (!hasEnded) this.events.push({ kind: 'violation', rule: 'did not end the TCP connection' })
    this.#stream.destroy()
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.hasEnded) return
    let hasLeft = false
    this.#stream.write(bytes, () => {
      hasLeft = true
      this.#onChange?.()
    })
    await this.until(() => hasLeft || this.hasEnded)
  }

  #receive(chunk: Buffer): void {
    if (this.hasEnded) return
    try {
      this.#frames.push(chunk, (each) => this.#take(each))
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.events.push({ kind: 'violation', rule: error.message })
      this.#stream.destroy()
      this.hasEnded = true
    }
    this.#onChange?.()
  }

  #take(each: WireFrame): void {
    if (this.closeCode !== NO_CLOSE_FRAME) throw new Violation('sent a frame after its Close frame')
    const received = this.#messages.read(each)
    if (received) this.#act(received)
  }

  #act(received: Received): void {
    if (received.kind === 'message' || received.kind === 'pong') this.events.push(received)
    if (received.kind === 'ping' && this.#state === 'open') {
      this.#stream.write(encodeFrame(frame(Opcode.Pong, received.payload), this.#role))
    }
    if (received.kind === 'close') this.#answerClose(received.code)
  }

  #answerClose(code: number): void {
    this.closeCode = code
    if (this.#state === 'open') {
      this.#stream.write(encodeFrame(close(code === NO_CODE ? undefined : code), this.#role))
    }
    this.#state = 'closed'
    // RFC 6455 §7.1.1: the server ends TCP first.
    if (this.#role === 'server') this.#stream.end()
  }

  #end(): void {
    this.hasEnded = true
    this.#stream.end()
    this.#onChange?.()
  }
}
