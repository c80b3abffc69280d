import { checkHeader, checkHighLength, checkMinimal } from './check-header.ts'
import {
  FIN,
  LENGTH,
  LENGTH_16,
  LENGTH_64,
  MASK,
  MASKING_KEY_BYTES,
  MAX_HEADER_BYTES,
  OPCODE,
  RSV1,
  readUint32,
} from './frame-header.ts'
import { ASCII_LIMIT, applyMask, rotateKey } from './mask.ts'
import { CONTROL_BIT } from './opcode.ts'
import type { Role } from './role.ts'

/**
 * What a parser calls. `first` is a header's first byte: FIN, RSV bits and opcode. `seen` is every byte of the part
 * OR-ed together where that is known, so that below 0x80 the part is ASCII; else it is at least 0x80.
 * Throwing a ProtocolError is how a sink refuses what it is told.
 */
export interface FrameSink {
  /** A frame that lies in the chunk as a whole, its payload unmasked in `bytes[start, end)`. */
  frame(first: number, bytes: Buffer, start: number, end: number, seen: number): void
  /** The header of a frame whose payload will come in parts; `length` is its bytes. */
  frameStart(first: number, length: number): void
  framePart(bytes: Buffer, start: number, end: number, seen: number): void
  frameEnd(): void
}

const INCOMPLETE = -1

/**
 * Turns chunks, cut anywhere, into calls on one sink (RFC 6455 §5.2). Payloads are unmasked in place: the chunk belongs
 * to the parser from `push` on. Nothing is copied but a header that two chunks share.
 */
export class FrameParser {
  readonly #sink: FrameSink
  readonly #expectedMask: number
  #allowedRsv1 = 0
  #stopped = false
  #unfinished = false

  #first = 0
  #length = 0
  #key = 0
  /** Payload bytes that later chunks will bring. */
  #missing = 0

  #scratch: Buffer | undefined
  #scratchBytes = 0

  /** `role` is this endpoint's: a server's peer must mask, a client's must not (RFC 6455 §5.1). */
  constructor(role: Role, sink: FrameSink) {
    this.#sink = sink
    this.#expectedMask = role === 'server' ? MASK : 0
  }

  /** Whether an extension gave RSV1 of a message's first frame a meaning (RFC 6455 §5.2). At first none has. */
  allowRsv1(isAllowed: boolean): void {
    this.#allowedRsv1 = isAllowed ? RSV1 : 0
  }

  /** Makes the running `push` return after the frame in hand. The sink calls it when it can take no more. */
  stop(): void {
    this.#stopped = true
  }

  /** Forgets what it knows of a frame or a message, for the bytes of another stream. Not to be called by the sink. */
  reset(): void {
    this.#unfinished = false
    this.#missing = 0
    this.#scratchBytes = 0
  }

  /** Whether the peer owes the rest of a frame or of a fragmented message. */
  get unfinished(): boolean {
    return this.#unfinished || this.#missing > 0 || this.#scratchBytes > 0
  }

  /**
   * Parses `chunk[start, …)` and returns the offset it got to: the chunk's length, unless the sink stopped it. Throws a
   * ProtocolError at the first broken rule; after that nothing more may be pushed before `reset`.
   */
  push(chunk: Buffer, start = 0): number {
    const end = chunk.length
    this.#stopped = false
    let at = start
    if (this.#missing > 0) at = this.#continuePayload(chunk, at, end)
    else if (this.#scratchBytes > 0) at = this.#continueHeader(chunk, at, end)

    while (at < end && !this.#stopped) {
      const payloadStart = this.#readHeader(chunk, at, end)
      if (payloadStart === INCOMPLETE) return this.#keepHeader(chunk, at, end)
      at = this.#readPayload(chunk, payloadStart, end)
    }
    return at
  }

  /** Reads one header into the fields and returns the offset after it, or INCOMPLETE where `end` cuts it. */
  #readHeader(bytes: Buffer, start: number, end: number): number {
    if (end - start < 2) return INCOMPLETE
    const first = bytes[start]
    const second = bytes[start + 1]
    checkHeader(first, second, this.#expectedMask, this.#unfinished, this.#allowedRsv1)

    let at = start + 2
    let length = second & LENGTH
    if (length === LENGTH_16) {
      if (end - at < 2) return INCOMPLETE
      length = (bytes[at] << 8) | bytes[at + 1]
      checkMinimal(length, LENGTH_16)
      at += 2
    } else if (length === LENGTH_64) {
      if (end - at < 8) return INCOMPLETE
      const high = readUint32(bytes, at)
      checkHighLength(high)
      length = high * 0x1_0000_0000 + readUint32(bytes, at + 4)
      checkMinimal(length, 0x10000)
      at += 8
    }
    if (this.#expectedMask !== 0) {
      if (end - at < MASKING_KEY_BYTES) return INCOMPLETE
      this.#key = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
      at += MASKING_KEY_BYTES
    }
    this.#first = first
    this.#length = length
    return at
  }

  /** Hands over the payload of the header just read, as far as the chunk has it. */
  #readPayload(chunk: Buffer, start: number, end: number): number {
    const first = this.#first
    const payloadEnd = start + this.#length
    if ((first & OPCODE & CONTROL_BIT) === 0) this.#unfinished = (first & FIN) === 0
    if (payloadEnd <= end) {
      this.#sink.frame(first, chunk, start, payloadEnd, this.#unmask(chunk, start, payloadEnd))
      return payloadEnd
    }
    this.#sink.frameStart(first, this.#length)
    this.#missing = this.#length
    return this.#continuePayload(chunk, start, end)
  }

  #continuePayload(chunk: Buffer, start: number, end: number): number {
    const partEnd = Math.min(end, start + this.#missing)
    if (partEnd > start) {
      const seen = this.#unmask(chunk, start, partEnd)
      this.#key = rotateKey(this.#key, partEnd - start)
      this.#missing -= partEnd - start
      this.#sink.framePart(chunk, start, partEnd, seen)
    }
    if (this.#missing === 0) this.#sink.frameEnd()
    return partEnd
  }

  #unmask(chunk: Buffer, start: number, end: number): number {
    return this.#expectedMask === 0 ? ASCII_LIMIT : applyMask(chunk, start, end, this.#key)
  }

  #keepHeader(chunk: Buffer, start: number, end: number): number {
    this.#scratch ??= Buffer.alloc(MAX_HEADER_BYTES)
    this.#scratchBytes = chunk.copy(this.#scratch, 0, start, end)
    return end
  }

  /** Completes a header that began in an earlier chunk, and its payload as far as this chunk has it. */
  #continueHeader(chunk: Buffer, start: number, end: number): number {
    const scratch = this.#scratch as Buffer
    const kept = this.#scratchBytes
    const filled = kept + chunk.copy(scratch, kept, start, end)
    const headerBytes = this.#readHeader(scratch, 0, filled)
    if (headerBytes === INCOMPLETE) {
      this.#scratchBytes = filled
      return end
    }
    this.#scratchBytes = 0
    return this.#readPayload(chunk, start + headerBytes - kept, end)
  }
}
