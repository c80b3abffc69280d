import { CloseCode } from '../protocol/close-code.ts'
import type { Payload } from '../protocol/payload.ts'
import type { Message } from './hooks.ts'
import type { WebSocket } from './websocket.ts'

export interface WebSocketErrorInit {
  closeCode?: number | undefined
  reason?: string | undefined
}

/**
 * How a connection ended, for the readers and writers of its web streams; given to `cancel()` or `abort()`, how it is to end.
 * It has the shape that WebSocketStream gives it.
 */
export class WebSocketError extends DOMException {
  /** `null` for none. */
  readonly closeCode: number | null
  readonly reason: string

  constructor(message = '', { closeCode, reason = '' }: WebSocketErrorInit = {}) {
    super(message, 'WebSocketError')
    this.closeCode = closeCode ?? (reason === '' ? null : CloseCode.Normal)
    this.reason = reason
  }
}

/** The Close frame that has ended a connection, or 1006 for none. */
type Ending = WebSocketError

const readables = new WeakMap<WebSocket, ReadableStream<Message>>()
const writables = new WeakMap<WebSocket, WritableStream<Payload>>()

/** The messages of a socket, the same stream each time. Nothing is read ahead of its reader. */
export function readableOf(socket: WebSocket): ReadableStream<Message> {
  const readable = readables.get(socket) ?? makeReadable(socket)
  readables.set(socket, readable)
  return readable
}

/** A stream whose chunks a socket sends, the same each time. A chunk counts as written when the network has it. */
export function writableOf(socket: WebSocket): WritableStream<Payload> {
  const writable = writables.get(socket) ?? makeWritable(socket)
  writables.set(socket, writable)
  return writable
}

function makeReadable(socket: WebSocket): ReadableStream<Message> {
  const messages = socket[Symbol.asyncIterator]()
  let ending: Ending | undefined
  onEnding(socket, (how) => {
    ending = how
  })
  return new ReadableStream<Message>(
    {
      async pull(controller) {
        const { done, value } = await messages.next()
        if (!done) controller.enqueue(value)
        else if (ending && !isClean(ending)) controller.error(ending)
        else controller.close()
      },
      async cancel(reason) {
        closeFor(socket, reason)
        await messages.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

function makeWritable(socket: WebSocket): WritableStream<Payload> {
  let isClosing = false
  return new WritableStream<Payload>({
    start(controller) {
      onEnding(socket, (ending) => {
        if (!isClean(ending)) controller.error(ending)
        else if (!isClosing)
          controller.error(new DOMException('The WebSocket is closed', 'InvalidStateError'))
      })
    },
    write(chunk) {
      return new Promise((resolve, reject) => {
        socket.send(chunk, (error) => (error ? reject(error) : resolve()))
      })
    },
    close() {
      isClosing = true
      if (socket.readyState === socket.CLOSED) return
      return new Promise((resolve, reject) => {
        onEnding(socket, (ending) => (isClean(ending) ? resolve() : reject(ending)))
        socket.close()
      })
    },
    abort(reason) {
      closeFor(socket, reason)
    },
  })
}

function onEnding(socket: WebSocket, tell: (ending: Ending) => void): void {
  socket.once('close', (closeCode, reason) => {
    tell(new WebSocketError('The connection has ended', { closeCode, reason: reason.toString() }))
  })
}

/** Whether the closing handshake was completed. */
function isClean({ closeCode }: Ending): boolean {
  return closeCode !== CloseCode.Abnormal
}

/** Closes with what the reason says, where that is a `WebSocketError`; else without a code. */
function closeFor(socket: WebSocket, cause: unknown): void {
  if (cause instanceof WebSocketError) socket.close(cause.closeCode ?? undefined, cause.reason)
  else socket.close()
}
