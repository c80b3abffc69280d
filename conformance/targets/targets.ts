import type { Role } from '../vocabulary/role.ts'

/** A program under test: its name is that of its file here and of its results under `expected/`. */
export interface Target {
  readonly name: string
  readonly role: Role
}

export const targets: readonly Target[] = [
  { name: 'upwire-server', role: 'server' },
  { name: 'upwire-client', role: 'client' },
  { name: 'ws-server', role: 'server' },
  { name: 'ws-client', role: 'client' },
]
