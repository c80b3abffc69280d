/**
 * The states of the closing handshake, RFC 6455 §7:
 *
 *                 sent a Close             received a Close
 *      Active ──────────────▶ ClosedByUs ──────────────────┐
 *        │                                                 ▼
 *        └──────────────▶ ClosedByPeer ──────────▶ CloseAcknowledged
 *          received a Close             sent a Close
 *
 *      any ── the transport has ended ──▶ Terminated
 */
export const Closing = {
  /** No Close frame in either direction. */
  Active: 0,
  /** Ours is sent; messages may still arrive until the peer's comes (§1.4). */
  ClosedByUs: 1,
  /** The peer's came; ours is still to be sent (§5.5.1). */
  ClosedByPeer: 2,
  /** Both are through: the transport is ended (§7.1.1). */
  CloseAcknowledged: 3,
  /** The transport is gone. */
  Terminated: 4,
} as const

export type Closing = (typeof Closing)[keyof typeof Closing]

export function afterSendingClose(state: Closing): Closing {
  if (state === Closing.Active) return Closing.ClosedByUs
  return state === Closing.ClosedByPeer ? Closing.CloseAcknowledged : state
}

export function afterReceivingClose(state: Closing): Closing {
  if (state === Closing.Active) return Closing.ClosedByPeer
  return state === Closing.ClosedByUs ? Closing.CloseAcknowledged : state
}

/** Whether a data frame, a Ping or a Pong may still be sent (§5.5.1). */
export function canSend(state: Closing): boolean {
  return state === Closing.Active
}

/** Whether a Close frame may still be sent: one at most (§5.5.1). */
export function canSendClose(state: Closing): boolean {
  return state === Closing.Active || state === Closing.ClosedByPeer
}
