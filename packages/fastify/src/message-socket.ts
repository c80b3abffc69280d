import { EventEmitter } from 'node:events'
import type { Message, WebSocket } from '@upwire/core'
import { isThenable } from '@upwire/core/internal'
import { InvalidMessage, type MessageCodec } from './message-schema.ts'

type Deliver = (value: unknown) => unknown

/** Gives the value of a message to `deliver`; or tells the peer why it has none. */
export function receive(codec: MessageCodec, socket: WebSocket, text: string, deliver: Deliver): unknown {
  const conclude = (read: unknown): unknown =>
    read instanceof InvalidMessage ? refuse(codec, socket, read) : deliver(read)
  const read = codec.read(text)
  return isThenable(read) ? read.then(conclude) : conclude(read)
}

/** The text that may be JSON: none of a binary message. */
export function textOf(data: Message, isBinary: boolean): string {
  return isBinary ? '' : String(data)
}

/** From now on, `send()` of this socket takes values. */
export function sendValues(codec: MessageCodec, socket: WebSocket): void {
  const { send } = socket
  socket.send = (data, ...rest: []) => send.call(socket, isValue(data) ? codec.write(data) : data, ...rest)
}

/** From now on, 'message' listeners of this socket and loops over it are given values. */
export function receiveValues(codec: MessageCodec, socket: WebSocket): void {
  const { emit } = socket
  const messages = socket[Symbol.asyncIterator]
  socket[Symbol.asyncIterator] = () => valuesOf(codec, socket, messages.call(socket)) as never
  const emitAny = emit as (event: string | symbol, ...args: unknown[]) => boolean
  const emitMessage = (data: Message, isBinary: boolean): boolean => {
    // It waits for the next listener, and is looked at then.
    if (socket.listenerCount('message') === 0) return false
    const deliver: Deliver = (value) => emitAny.call(socket, 'message', value, false)
    const received = receive(codec, socket, textOf(data, isBinary), deliver)
    if (isThenable(received)) wait(socket, received)
    return true
  }
  socket.emit = ((event: string | symbol, ...args: [Message, boolean]) =>
    event === 'message' ? emitMessage(...args) : emitAny.call(socket, event, ...args)) as typeof emit
}

/** A message that has no value is answered, and passed over. */
async function* valuesOf(
  codec: MessageCodec,
  socket: WebSocket,
  messages: AsyncIterable<Message>,
): AsyncGenerator<unknown, undefined> {
  for await (const data of messages) {
    const values: unknown[] = []
    await receive(codec, socket, textOf(data, typeof data !== 'string'), (value) => values.push(value))
    yield* values
  }
  return undefined
}

/** Messages keep their order while a validator takes its time. */
function wait(socket: WebSocket, received: PromiseLike<unknown>): void {
  const goOn = (): void => socket.resume()
  socket.pause()
  received.then(goOn, (error) => {
    socket[EventEmitter.captureRejectionSymbol](error)
    goOn()
  })
}

function refuse(
  { onInvalid }: MessageCodec,
  socket: WebSocket,
  { code, message, path, closeCode }: InvalidMessage,
): void {
  if (onInvalid === 'close') socket.close(closeCode, code)
  else socket.send(JSON.stringify({ error: { code, message, path } }))
}

/** What `send()` does not take otherwise: neither text nor bytes. */
function isValue(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || data instanceof Blob) return false
  return !ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer || data instanceof SharedArrayBuffer)
}
