import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MemoryBudget } from '../protocol/memory-budget.ts'
import type { Role } from '../protocol/role.ts'
import { TopicHub } from '../topics/topic-hub.ts'
import type { StreamOptions, Terms } from '../websocket/connector.ts'
import { DEFAULT_LIMITS, MAX_UNFINISHED_BYTES, resolveLimits } from '../websocket/limits.ts'
import type { ConnectionSettings } from '../websocket/opening.ts'
import { resolveReception } from '../websocket/reception.ts'
import { settle, throwUncaught } from '../websocket/user-code.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { maskingKeysFrom, randomMaskingKeys } from './masking-keys.ts'

/** What unfinished messages of all clients of the process may hold together. */
const budget = new MemoryBudget(MAX_UNFINISHED_BYTES)
const nextMaskingKey = randomMaskingKeys()

/** Sends at once, and lets nothing end the connection for its silence: what an agent has set was for its requests. */
export function quicken(stream: Duplex): void {
  const transport: Partial<Pick<Socket, 'setTimeout' | 'setNoDelay'>> = stream as Socket
  transport.setTimeout?.(0)
  transport.setNoDelay?.(true)
}

/** What a connection goes by that no route has opened. Throws a TypeError for options that cannot be used. */
export function termsFor(role: Role, options: StreamOptions): Terms {
  return {
    settings: settingsFrom(role, options),
    start: announceOpen,
    onUserError: errorPath(options),
    onEnd() {},
  }
}

/** 0 is no limit, as in `ws`. */
function settingsFrom(role: Role, options: StreamOptions): ConnectionSettings {
  const { maxPayload = DEFAULT_LIMITS.maxPayload, maxFragments = DEFAULT_LIMITS.maxFragments } = options
  const none = Number.POSITIVE_INFINITY
  const limits = { ...options, maxPayload: maxPayload || none, maxFragments: maxFragments || none }
  return {
    role,
    nextMaskingKey: role === 'client' ? maskingKeys(options) : undefined,
    limits: resolveLimits(limits),
    reception: resolveReception(options),
    budget,
    handling: { hooks: {}, delivery: 'listeners', messages: options.messages },
    topics: new TopicHub(),
  }
}

function maskingKeys({ generateMask }: StreamOptions): () => number {
  return generateMask ? maskingKeysFrom(generateMask) : nextMaskingKey
}

/** Messages wait until the code that awaits the open connection has had its turn. */
function announceOpen(socket: WebSocket): Promise<void> {
  socket.emit('open')
  return new Promise((resolve) => setImmediate(resolve))
}

function errorPath({ onError }: StreamOptions): (error: unknown, socket: WebSocket) => void {
  if (onError === undefined) return throwUncaught
  return (error, socket) => settle(() => onError(error, socket), throwUncaught)
}
