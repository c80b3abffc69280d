import type { Delivery } from './delivery.ts'
import type { IncomingParts } from './incoming-parts.ts'
import { MessageIterator } from './message-iterator.ts'
import type { StreamedMessage } from './streamed-message.ts'

/** The messages of a connection, each to be read while it arrives. One that was not begun when the next is asked for is discarded. */
export async function* messageStreams(delivery: Delivery): AsyncGenerator<StreamedMessage, undefined> {
  for await (const parts of new MessageIterator<IncomingParts>(delivery)) {
    yield parts.message
    parts.discardUnread()
  }
}
