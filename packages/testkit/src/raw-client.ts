import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as secure } from 'node:tls'
import { readClose, readFrames, type WireFrame } from './frames.ts'
import { headEnd, type ResponseHead, readBody, readHead } from './http-message.ts'
import { Wire } from './wire.ts'

/** Where to connect: a port of this machine, an address, or a server that listens. */
export type Target = number | { port: number; host?: string } | { address(): AddressInfo | string | null }

export interface ConnectOptions {
  /** Speak TLS, with these options: `{ ca }`, or `{ rejectUnauthorized: false }`. */
  tls?: ConnectionOptions
}

export interface UpgradeOptions extends ConnectOptions {
  /** Default `/`. */
  path?: string
  /** A request-target of another form in place of `path`, sent as it is written. */
  target?: string
  /** Default GET. */
  method?: string
  /** Added to the headers of a good handshake, or instead of them; null removes one, an array repeats one. */
  headers?: Record<string, string | readonly string[] | null>
  /** Sent in one packet with the handshake. */
  after?: Uint8Array
}

/** A connection on which nothing was sent. */
export interface RawConnection {
  readonly transport: Socket
  /** Sends the first bytes and resolves when the head of the answer is in. */
  request(bytes: string | Uint8Array): Promise<RawClient>
}

const CRLF = '\r\n'
/** The key of RFC 6455 §1.3. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** What a server answers to `SAMPLE_KEY`. */
export const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Sends an opening handshake and resolves when the head of the answer is in, whatever it says. */
export async function rawUpgrade(target: Target, options: UpgradeOptions = {}): Promise<RawClient> {
  return rawRequest(target, handshakeBytes(target, options), options)
}

/** The bytes that `rawUpgrade` sends. */
export function handshakeBytes(target: Target, options: UpgradeOptions = {}): Buffer {
  const { method = 'GET', path = '/', after = Buffer.alloc(0) } = options
  const { host, port } = addressOf(target)
  const headers = new Map<string, string | readonly string[]>([
    ['host', `${host}:${port}`],
    ['upgrade', 'websocket'],
    ['connection', 'Upgrade'],
    ['sec-websocket-key', SAMPLE_KEY],
    ['sec-websocket-version', '13'],
  ])
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === null) headers.delete(name.toLowerCase())
    else headers.set(name.toLowerCase(), value)
  }
  const fields = [...headers].flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  const head = [`${method} ${options.target ?? path} HTTP/1.1`, ...fields, CRLF].join(CRLF)
  return Buffer.concat([Buffer.from(head, 'latin1'), after])
}

/** Sends `bytes` on a connection of their own and resolves when the head of the answer is in. */
export async function rawRequest(
  target: Target,
  bytes: string | Uint8Array,
  options: ConnectOptions = {},
): Promise<RawClient> {
  const transport = connect(addressOf(target))
  const stream = options.tls ? secure({ ...options.tls, socket: transport }) : transport
  transport.setNoDelay(true)
  return firstAnswer(transport, stream, bytes)
}

/** Connects, and says nothing yet. */
export async function rawConnect(target: Target): Promise<RawConnection> {
  const transport = connect(addressOf(target))
  await once(transport, 'connect')
  transport.setNoDelay(true)
  return { request: (bytes) => firstAnswer(transport, transport, bytes), transport }
}

async function firstAnswer(
  transport: Socket,
  stream: Duplex,
  bytes: string | Uint8Array,
): Promise<RawClient> {
  const wire = new Wire(stream)
  stream.write(bytes)
  const end = await wire.until('the head of an answer', () => {
    const at = headEnd(wire.bytes)
    return at < 0 ? undefined : at
  })
  return new RawClient(transport, wire, end)
}

/** A connection as its peer sees it: the answer to the handshake, then bytes and frames. */
export class RawClient implements ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The head of the answer, as it came. */
  readonly head: string

  readonly #transport: Socket
  readonly #wire: Wire
  readonly #headEnd: number
  readonly #framesRead: WireFrame[] = []
  #bytesRead: number

  constructor(transport: Socket, wire: Wire, headEnd: number) {
    this.#transport = transport
    this.#wire = wire
    this.#headEnd = headEnd
    this.#bytesRead = headEnd
    this.head = wire.bytes.toString('latin1', 0, headEnd)
    const { status, statusText, headers } = readHead(this.head)
    this.status = status
    this.statusText = statusText
    this.headers = headers
  }

  /** All bytes that have arrived after the head. */
  get received(): Buffer {
    return this.#wire.bytes.subarray(this.#headEnd)
  }

  /** Whether nothing more can arrive. */
  get hasEnded(): boolean {
    return this.#wire.hasEnded
  }

  /** Resolves when the peer has ended or reset the connection. */
  get ended(): Promise<void> {
    return this.#wire.until('its end', () => this.hasEnded || undefined).then(() => undefined)
  }

  /** The body of the answer: of its announced length, or all until the end. */
  body(): Promise<string> {
    return this.#wire.until('the whole body', () => readBody(this, this.received, this.hasEnded))
  }

  /** Returns false where the bytes wait for a peer that does not read. */
  write(bytes: string | Uint8Array): boolean {
    return this.#wire.stream.write(bytes)
  }

  /** Resolves once `count` bytes have arrived after the head. */
  receive(count: number): Promise<Buffer> {
    return this.#wire.until(`${count} bytes`, () =>
      this.received.length < count ? undefined : this.received.subarray(0, count),
    )
  }

  async nextFrame(): Promise<WireFrame> {
    const [frame] = await this.frames(1)
    return frame
  }

  /** The next `count` frames, each given once. */
  frames(count: number): Promise<WireFrame[]> {
    return this.#wire.until(`${count} more frames`, () => {
      this.#readFrames()
      return this.#framesRead.length < count ? undefined : this.#framesRead.splice(0, count)
    })
  }

  /** The next Close frame; frames before it are skipped. */
  nextClose(): Promise<{ code: number; reason: string }> {
    return this.#wire.until('a Close frame', () => {
      this.#readFrames()
      const at = this.#framesRead.findIndex(({ opcode }) => opcode === 0x8)
      return at < 0 ? undefined : readClose(this.#framesRead.splice(0, at + 1)[at])
    })
  }

  /** Sends FIN; what the peer still sends is received. */
  end(): void {
    this.#wire.stream.end()
  }

  /** Sends RST; a connection that has sent FIN is closed, since Node then keeps a reset one for ever. */
  reset(): void {
    if (this.#transport.writableEnded) this.#transport.destroy()
    else this.#transport.resetAndDestroy()
  }

  /** Leaves what arrives from now on to the kernel, so that the peer's writes fill up. */
  pauseReading(): void {
    this.#wire.stream.pause()
  }

  resumeReading(): void {
    this.#wire.stream.resume()
  }

  #readFrames(): void {
    const { frames, rest } = readFrames(this.#wire.bytes.subarray(this.#bytesRead))
    this.#bytesRead = this.#wire.bytes.length - rest.length
    this.#framesRead.push(...frames)
  }
}

function addressOf(target: Target): { port: number; host: string } {
  if (typeof target === 'number') return { port: target, host: '127.0.0.1' }
  if (!('address' in target)) return { port: target.port, host: target.host ?? '127.0.0.1' }
  const address = target.address()
  if (address === null || typeof address === 'string') {
    throw new TypeError('The server does not listen on a port: await its "listening" event before')
  }
  return { port: address.port, host: '127.0.0.1' }
}
