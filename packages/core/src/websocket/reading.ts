/** What is still done with the bytes that arrive. */
export const Reading = {
  /** The handler comes before everything that arrives. */
  NotYet: 0,
  Frames: 1,
  /** A chunk, or its rest, waits until the user can take more messages. */
  Held: 2,
  /** Until the peer ends the stream: closing it with unread bytes would reset it, and lose our Close frame. */
  Discard: 3,
  /** The stream has ended and the user knows. */
  Over: 4,
} as const

export type Reading = (typeof Reading)[keyof typeof Reading]
