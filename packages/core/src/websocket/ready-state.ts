/** `WebSocket.readyState`, as the HTML Standard numbers it. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState]

const NAMES = Object.keys(ReadyState)

/** Why nothing is sent, in a state that is not OPEN. */
export function notOpen(state: ReadyState): Error {
  return new Error(`WebSocket is not open: readyState ${state} (${NAMES[state]})`)
}
