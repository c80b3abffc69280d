import { connect, type Socket } from 'node:net'

/** Every connection reads into this one buffer: nobody keeps what arrives, it is counted. */
const readBuffer = Buffer.allocUnsafe(256 * 1024)

const request =
  'GET / HTTP/1.1\r\n' +
  'Host: 127.0.0.1\r\n' +
  'Upgrade: websocket\r\n' +
  'Connection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** The bytes are the first `count` of a buffer that the next read overwrites. */
export type OnBytes = (count: number, buffer: Uint8Array) => void

/** A connection that has been through the opening handshake and knows nothing more of the protocol. */
export class RawClient {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  onBytes: OnBytes = () => {}
  #extensions = ''
  readonly #stream: Socket

  private constructor(port: number) {
    this.#stream = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count, buffer) => {
          this.onBytes(count, buffer)
          return true
        },
      },
    })
    // Whoever waits for an answer learns of a failure by `closed`.
    this.#stream.on('error', () => {})
    this.closed = new Promise((resolve) => this.#stream.once('close', () => resolve()))
  }

  /** Resolves at the 101; rejects at any other answer and when the connection ends. `offer` is one of extensions. */
  static async open(port: number, offer?: string): Promise<RawClient> {
    const client = new RawClient(port)
    client.send(Buffer.from(`${request}${offer ? `Sec-WebSocket-Extensions: ${offer}\r\n` : ''}\r\n`))
    let response = ''
    await client.until((finish) => {
      client.onBytes = (count, buffer) => {
        response += Buffer.from(buffer.buffer, buffer.byteOffset, count).toString('latin1')
        if (response.includes('\r\n\r\n')) finish()
      }
    })
    client.#check(response)
    return client
  }

  /** The extensions that the server has agreed to; empty for none. */
  get extensions(): string {
    return this.#extensions
  }

  send(bytes: Buffer): void {
    this.#stream.write(bytes)
  }

  end(): void {
    this.#stream.end()
  }

  destroy(): void {
    this.#stream.destroy()
  }

  /** Resolves when `start`'s callback is called; rejects when the connection is gone before. */
  async until(start: (finish: () => void) => void): Promise<void> {
    const lost = this.closed.then(() => {
      throw new Error('the connection ended while it was waited for')
    })
    await Promise.race([new Promise<void>(start), lost])
  }

  #check(response: string): void {
    if (!response.startsWith('HTTP/1.1 101')) {
      this.destroy()
      throw new Error(`expected a 101, got: ${response}`)
    }
    this.#extensions = /^sec-websocket-extensions: *(.*)$/im.exec(response)?.[1] ?? ''
  }
}
