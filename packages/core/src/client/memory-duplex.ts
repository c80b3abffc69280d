import { Duplex, type DuplexOptions } from 'node:stream'

type Done = (error?: Error | null) => void

/**
 * Two streams, connected: what is written to one is read from the other, as over a socket. Bytes are copied and arrive
 * after the call that wrote them, a write is done when the reader has room, `end()` closes one direction, `destroy()`
 * both. `allowHalfOpen: false` ends a side when its peer does; the default is true, as for the sockets of `node:http`.
 */
export function duplexPair(options: DuplexOptions = {}): [Duplex, Duplex] {
  const [left, right] = [new MemoryDuplex(options), new MemoryDuplex(options)]
  left.connect(right)
  right.connect(left)
  return [left, right]
}

class MemoryDuplex extends Duplex {
  #peer: MemoryDuplex | undefined
  /** The peer's write that waits for us to read. */
  #peerWrite: Done | undefined

  connect(peer: MemoryDuplex): void {
    this.#peer = peer
  }

  override _read(): void {
    const done = this.#peerWrite
    this.#peerWrite = undefined
    done?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const copy = Buffer.from(chunk)
    process.nextTick(() => this.#peer?.receive(copy, done))
  }

  override _final(done: Done): void {
    process.nextTick(() => {
      this.#peer?.receiveEnd()
      done()
    })
  }

  override _destroy(error: Error | null, done: Done): void {
    const write = this.#peerWrite
    this.#peerWrite = undefined
    process.nextTick(() => {
      write?.(brokenPipe())
      this.#peer?.receiveEnd()
    })
    done(error)
  }

  receive(chunk: Buffer, done: Done): void {
    if (this.destroyed) return done(brokenPipe())
    if (this.push(chunk)) return done()
    this.#peerWrite = done
  }

  receiveEnd(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null)
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
}
