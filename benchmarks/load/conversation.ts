import { clientFrame, serverFrame } from './frames.ts'
import type { RawClient } from './raw-client.ts'

/** One message as it is sent, and the number of bytes that come back for it. */
export interface Exchange {
  readonly message: Buffer
  readonly replyBytes: number
}

/** Sends a message and checks its echo: a server's frame, or the very bytes sent. `opcode` says what the payload is. */
export async function tryExchange(client: RawClient, opcode: number, payload: Buffer): Promise<Exchange> {
  const message = clientFrame(opcode, payload)
  const reply = serverFrame(opcode, payload)
  let received = Buffer.alloc(0)
  const isEcho = () => received.equals(reply) || received.equals(message)

  await client.until((finish) => {
    client.onBytes = (count, buffer) => {
      received = Buffer.concat([received, buffer.subarray(0, count)])
      if (isEcho() || received.length >= message.length) finish()
    }
    client.send(message)
  })
  if (!isEcho()) throw new Error(`no echo of ${payload.length} bytes: ${received.toString('hex', 0, 32)}`)
  return { message, replyBytes: received.length }
}

/** Returns how many replies the bytes that arrived complete: the first `count` of a buffer that the next read overwrites. */
export type CountReplies = (count: number, buffer: Uint8Array) => number

/** Counts replies of the same length, unread. */
export function ofLength(replyBytes: number): CountReplies {
  let bytes = 0
  return (count) => {
    bytes += count
    const replies = Math.floor(bytes / replyBytes)
    bytes -= replies * replyBytes
    return replies
  }
}

export interface Conversation {
  /** The next `inFlight` messages in one buffer. */
  readonly nextBurst: () => Buffer
  readonly inFlight: number
  readonly countReplies: CountReplies
  readonly deadline: number
}

/**
 * Keeps a burst of messages in flight until `deadline` (on the clock of `performance.now()`): the next burst leaves
 * when the replies to the last are complete. Resolves with the number of messages echoed.
 */
export async function converse(
  client: RawClient,
  { nextBurst, inFlight, countReplies, deadline }: Conversation,
): Promise<number> {
  let messages = 0
  let awaited = inFlight

  await client.until((finish) => {
    client.onBytes = (count, buffer) => {
      awaited -= countReplies(count, buffer)
      if (awaited > 0) return
      messages += inFlight
      if (performance.now() >= deadline) return finish()
      awaited = inFlight
      client.send(nextBurst())
    }
    client.send(nextBurst())
  })
  return messages
}
