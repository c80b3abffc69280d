import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Case } from '../vocabulary/case.ts'
import type { Endpoint, Opened } from './endpoint.ts'
import { receiveHead, sendHead } from './exchange-heads.ts'
import { checkRefusal, checkResponse, formatHead, statusOf } from './http-head.ts'
import { agreedAsClient, missing, offerHeader } from './negotiation.ts'
import { Peer } from './peer.ts'

const HOST = '127.0.0.1'

/** A server that echoes, seen by the driver as its client. */
export class ServerUnderTest implements Endpoint {
  readonly role = 'server'
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  async open(test: Case): Promise<Opened> {
    const stream = connect({ port: this.#port, host: HOST, allowHalfOpen: true, noDelay: true })
    // How a connection broke off shows in what it brought.
    stream.on('error', () => {})
    try {
      const opened = await this.#shakeHands(stream, test)
      if (opened.kind !== 'open') stream.destroy()
      return opened
    } catch (error) {
      stream.destroy()
      throw error
    }
  }

  async #shakeHands(stream: Socket, test: Case): Promise<Opened> {
    const key = randomBytes(16).toString('base64')
    const headers = {
      host: `${HOST}:${this.#port}`,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
      'sec-websocket-extensions': offerHeader(test.compression),
      ...test.opening?.headers,
    }
    await sendHead(
      stream,
      formatHead(test.opening?.startLine ?? 'GET / HTTP/1.1', headers),
      test.opening?.chop,
    )

    const { head, rest } = await receiveHead(stream)
    const status = statusOf(head)
    if (status !== 101) {
      checkRefusal(head, headers['sec-websocket-version'])
      return { kind: 'refused', status }
    }
    checkResponse(head, key)
    const response = head.headers.get('sec-websocket-extensions')
    const agreement = agreedAsClient(headers['sec-websocket-extensions'], response, test.compression)
    const needs = missing(test, agreement, 'client')
    if (needs) return { kind: 'declined', needs }
    return { kind: 'open', peer: new Peer({ stream, role: 'client', rest, agreement }) }
  }
}
