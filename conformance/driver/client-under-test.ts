import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Case } from '../vocabulary/case.ts'
import type { Endpoint, Opened } from './endpoint.ts'
import { receiveHead, sendHead } from './exchange-heads.ts'
import { acceptKeyOf, checkRequest, formatHead, type Head } from './http-head.ts'
import { agreedAsServer, missing } from './negotiation.ts'
import { Peer } from './peer.ts'
import { Violation } from './violation.ts'

const HOST = '127.0.0.1'
const PATIENCE_MS = 10_000

interface Request {
  readonly stream: Socket
  readonly head: Head
  readonly rest: Buffer
  readonly key: string
}

interface Waiting {
  readonly resolve: (request: Request) => void
  readonly reject: (reason: unknown) => void
}

/** A client that connects where it is told to and echoes, seen by the driver as its server. */
export class ClientUnderTest implements Endpoint {
  readonly role = 'client'
  readonly #server: Server
  readonly #tell: (url: string) => void
  readonly #waiting = new Map<string, Waiting>()
  #opened = 0

  private constructor(server: Server, tell: (url: string) => void) {
    this.#server = server
    this.#tell = tell
    server.on('connection', (stream) => void this.#receive(stream))
  }

  /** `tell` makes the client connect to a URL. */
  static async listen(tell: (url: string) => void): Promise<ClientUnderTest> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, HOST)
    await once(server, 'listening')
    return new ClientUnderTest(server, tell)
  }

  async open(test: Case): Promise<Opened> {
    const request = await this.#request(`/case/${++this.#opened}/${test.id}`)
    const opened = await this.#answer(request, test)
    if (opened.kind !== 'open') request.stream.destroy()
    return opened
  }

  close(): void {
    this.#server.close()
  }

  /** Each case has a path of its own, by which its connection is known. */
  async #request(path: string): Promise<Request> {
    const { port } = this.#server.address() as AddressInfo
    let timer: NodeJS.Timeout | undefined
    const request = new Promise<Request>((resolve, reject) => {
      this.#waiting.set(path, { resolve, reject })
      timer = setTimeout(() => reject(new Violation('did not connect')), PATIENCE_MS)
    })
    this.#tell(`ws://${HOST}:${port}${path}`)
    return request.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(path)
    })
  }

  async #receive(stream: Socket): Promise<void> {
    // How a connection broke off shows in what it brought.
    stream.on('error', () => {})
    try {
      const { head, rest } = await receiveHead(stream)
      this.#hand({ stream, head, rest })
    } catch {
      // Who waits for it has been told, or gives up by itself.
      stream.destroy()
    }
  }

  #hand(request: Omit<Request, 'key'>): void {
    const waiting = this.#waiting.get(request.head.startLine.split(' ')[1] ?? '')
    if (!waiting) throw new Violation('connected to where it was not told to')
    try {
      waiting.resolve({ ...request, key: checkRequest(request.head) })
    } catch (error) {
      waiting.reject(error)
      throw error
    }
  }

  async #answer({ stream, head, rest, key }: Request, test: Case): Promise<Opened> {
    const wanted = test.compression
    const agreed = wanted && agreedAsServer(head.headers.get('sec-websocket-extensions'), wanted)
    const needs = missing(test, agreed?.agreement, 'server')
    if (needs) return { kind: 'declined', needs }

    const { startLine = 'HTTP/1.1 101 Switching Protocols', chop } = test.opening ?? {}
    const response = formatHead(startLine, {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': acceptKeyOf(key),
      'sec-websocket-extensions': agreed?.response ?? null,
      ...test.opening?.headers,
    })
    if (chop === 'with first frame') stream.cork()
    const isSent = sendHead(stream, response, chop)
    if (chop === 'with first frame') setImmediate(() => stream.uncork())
    else await isSent
    return { kind: 'open', peer: new Peer({ stream, role: 'server', rest, agreement: agreed?.agreement }) }
  }
}
