import type { Case } from '../vocabulary/case.ts'
import type { Role } from '../vocabulary/role.ts'
import type { Peer } from './peer.ts'

/** What became of an opening handshake. */
export type Opened =
  | { readonly kind: 'open'; readonly peer: Peer }
  | { readonly kind: 'refused'; readonly status: number }
  /** The endpoint would not have what the case is about. */
  | { readonly kind: 'declined'; readonly needs: string }

/** The program under test. It sends every message back as it came. */
export interface Endpoint {
  readonly role: Role
  /** Opens a connection as the case wants it. Throws a Violation where the endpoint breaks a rule of the handshake. */
  open(test: Case): Promise<Opened>
}
