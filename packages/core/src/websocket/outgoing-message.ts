import { Opcode } from '../protocol/opcode.ts'
import { bytesOf, type Payload } from '../protocol/payload.ts'
import { type MessageParts, type PartReader, readParts } from './message-parts.ts'
import { settle } from './user-code.ts'

export interface SendStreamOptions {
  /** Whether the message is binary. Default: what its first part is, text for a string, binary for bytes. */
  binary?: boolean
  /** Whether it may be compressed, where permessage-deflate was negotiated. Default true. */
  compress?: boolean
}

/** Takes the fragments of a message whose turn it is. */
export interface FragmentSender {
  /** Returns false when no more should be sent before `flowsAgain`. `opcode` is the message's. */
  sendFragment(opcode: number, payload: Buffer, fin: boolean, compress: boolean): boolean
  userError(error: unknown): void
}

/** Longer parts go in several frames, so that a control frame, and a peer that reads slowly, need not wait for all. */
const MAX_FRAGMENT_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(0)
const ignore = () => {}

/** A message on its way out of which the parts are yet to come. It asks for one when the one before has room to leave. */
export class OutgoingMessage {
  /** Settles when the last part was taken, or none will be. Nobody has to await it: the connection says the same. */
  readonly sent: Promise<void>
  readonly #parts: PartReader
  readonly #options: SendStreamOptions
  #settle: { resolve: () => void; reject: (error: unknown) => void } = { resolve: ignore, reject: ignore }
  #opcode: number | undefined
  /** The first half of a surrogate pair, which the next part completes. */
  #half = ''
  #isOver = false
  #goOn: () => void = ignore

  constructor(parts: MessageParts, options: SendStreamOptions) {
    this.#parts = readParts(parts)
    this.#options = options
    this.sent = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.sent.catch(ignore)
  }

  /** Its turn has come: nothing else is sent before its end, but control frames. */
  async begin(sender: FragmentSender): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#parts.next()
        if (this.#isOver) return
        if (done) return this.#finish(sender)
        await this.#sendPart(sender, value)
      }
    } catch (error) {
      this.#fail(error, sender)
    }
  }

  /** What waited for the peer has left. */
  flowsAgain(): void {
    this.#goOn()
  }

  /** It cannot be sent any more. */
  cut(reason: Error): void {
    if (this.#isOver) return
    this.#end()
    this.#settle.reject(reason)
  }

  async #sendPart(sender: FragmentSender, part: Payload): Promise<void> {
    this.#opcode ??= (this.#options.binary ?? typeof part !== 'string') ? Opcode.Binary : Opcode.Text
    const bytes = typeof part === 'string' ? this.#encode(part) : this.#behindHalf(bytesOf(part))
    for (let at = 0; at < bytes.length && !this.#isOver; at += MAX_FRAGMENT_BYTES) {
      if (this.#send(sender, bytes.subarray(at, at + MAX_FRAGMENT_BYTES), false)) continue
      await new Promise<void>((resolve) => {
        this.#goOn = resolve
      })
    }
  }

  /** Who makes the parts may cut a text anywhere, also within a surrogate pair. */
  #encode(part: string): Buffer {
    const text = this.#half + part
    const isHalf = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800
    this.#half = isHalf ? text.slice(-1) : ''
    return Buffer.from(isHalf ? text.slice(0, -1) : text)
  }

  #behindHalf(bytes: Buffer): Buffer {
    if (this.#half === '' || bytes.length === 0) return bytes
    const half = Buffer.from(this.#half)
    this.#half = ''
    return Buffer.concat([half, bytes])
  }

  /** Which part is the last is known when no other follows: the message ends with a frame of its own. */
  #finish(sender: FragmentSender): void {
    this.#isOver = true
    this.#send(sender, this.#half === '' ? NOTHING : Buffer.from(this.#half), true)
    this.#settle.resolve()
  }

  #send(sender: FragmentSender, payload: Buffer, fin: boolean): boolean {
    const { binary = true, compress = true } = this.#options
    const opcode = this.#opcode ?? (binary ? Opcode.Binary : Opcode.Text)
    return sender.sendFragment(opcode, payload, fin, compress)
  }

  /** A message that has begun cannot be taken back: the connection ends with it. */
  #fail(error: unknown, sender: FragmentSender): void {
    if (this.#isOver) return
    this.#end()
    this.#settle.reject(error)
    sender.userError(error)
  }

  #end(): void {
    this.#isOver = true
    this.#goOn()
    settle(() => this.#parts.stop(), ignore)
  }
}
