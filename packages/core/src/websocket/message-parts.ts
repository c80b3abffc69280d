import { isPayload, type Payload } from '../protocol/payload.ts'

/** The parts of one message, as they come to be known. Node's and the web's readable streams are such. */
export type MessageParts = Iterable<Payload> | AsyncIterable<Payload> | ReadableStream<Payload>

/** Gives one part after the other, until it is stopped. */
export interface PartReader {
  next(): PromiseLike<IteratorResult<Payload, unknown>> | IteratorResult<Payload, unknown>
  /** No more parts are wanted. Whoever makes them is told at once, even while one is awaited. */
  stop(): unknown
}

/** Throws a TypeError for what has no parts, and for one payload: a string would be read letter by letter. */
export function readParts(parts: MessageParts): PartReader {
  if (parts instanceof ReadableStream) return readWebStream(parts)
  const source = isPayload(parts) ? undefined : parts
  const iterator =
    (source as Partial<AsyncIterable<Payload>>)?.[Symbol.asyncIterator]?.() ??
    (source as Partial<Iterable<Payload>>)?.[Symbol.iterator]?.()
  if (iterator) return { next: () => iterator.next(), stop: () => stop(parts, iterator) }
  throw new TypeError(
    'The parts of a message must be an iterable, an async iterable or a readable stream; a message that is whole goes to send()',
  )
}

function readWebStream(stream: ReadableStream<Payload>): PartReader {
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<Payload, unknown>>,
    stop: () => reader.cancel(),
  }
}

/** `return()` waits its turn behind a part that may never come, so a stream is destroyed as well. */
function stop(parts: MessageParts, iterator: Iterator<Payload> | AsyncIterator<Payload>): unknown {
  const { destroy } = parts as { destroy?: unknown }
  if (typeof destroy === 'function') destroy.call(parts)
  return iterator.return?.()
}
