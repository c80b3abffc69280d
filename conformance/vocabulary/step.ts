import type { CorpusName } from './corpus.ts'
import type { Frame, MessageType } from './frame.ts'
import type { Payload } from './payload.ts'

/** How what is sent is cut into writes: none but the last begins before the one ahead has left. A number is in octets. */
export type Chop = 'at once' | 'frame by frame' | number

export interface Send {
  readonly kind: 'send'
  readonly frames: readonly Frame[]
  readonly chop: Chop
}

/**
 * Sends one message in fragments of a size, compressed where that was negotiated. As from a sender that learns of the
 * end of its message only when it is there, the last fragment is empty where the size divides the message.
 */
export interface SendFragmented {
  readonly kind: 'send fragmented'
  readonly type: MessageType
  readonly payload: Payload
  readonly fragmentBytes: number
}

/**
 * Goes on when the endpoint has done so many things in all, or has failed the connection. Where that does not come in
 * time, the conversation holds a silence.
 */
export interface Await {
  readonly kind: 'await'
  readonly awaited: number | 'failure'
}

/** Sends messages out of a corpus, each when the one before has come back. */
export interface RoundTrips {
  readonly kind: 'round trips'
  readonly corpus: CorpusName
  readonly type: MessageType
  readonly messageBytes: number
  readonly count: number
  /** Default: each message is one frame. */
  readonly fragmentBytes?: number
}

/** What the driver does: the peer of the endpoint under test. */
export type Step = Send | SendFragmented | Await | RoundTrips

export function send(...frames: Frame[]): Send {
  return { kind: 'send', frames, chop: 'at once' }
}

export function sendChopped(chop: Chop, ...frames: Frame[]): Send {
  return { kind: 'send', frames, chop }
}

export function sendFragmented(type: MessageType, payload: Payload, fragmentBytes: number): SendFragmented {
  return { kind: 'send fragmented', type, payload, fragmentBytes }
}

export function awaitEvents(count: number): Await {
  return { kind: 'await', awaited: count }
}

export const awaitFailure: Await = { kind: 'await', awaited: 'failure' }

export function roundTrips(exchange: Omit<RoundTrips, 'kind'>): RoundTrips {
  return { kind: 'round trips', ...exchange }
}
