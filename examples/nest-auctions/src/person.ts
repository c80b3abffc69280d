export type Role = 'bidder' | 'auctioneer'

/** Somebody who is signed in: what a session carries, and every connection as `socket.data`. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
}
