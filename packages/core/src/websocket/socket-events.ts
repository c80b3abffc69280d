import type { ClientRequest, IncomingMessage } from 'node:http'
import type { StreamedMessage } from './streamed-message.ts'

export interface SocketEvents {
  message: [data: Buffer | ArrayBuffer | Buffer[] | Blob, isBinary: boolean]
  /** A message that begins, where messages are streamed: read it, or cancel it. */
  stream: [message: StreamedMessage]
  close: [code: number, reason: Buffer]
  error: [error: Error]
  drain: []
  ping: [payload: Buffer]
  pong: [payload: Buffer]
  open: []
  /** The response to a client's handshake, before 'open'. */
  upgrade: [response: IncomingMessage]
  /** A redirect that a client follows: the request is not sent yet, and may be changed or destroyed. */
  redirect: [url: string, request: ClientRequest]
  /** A response that is no upgrade. Whoever listens reads it, and ends the request or closes the socket. */
  'unexpected-response': [request: ClientRequest, response: IncomingMessage]
}
