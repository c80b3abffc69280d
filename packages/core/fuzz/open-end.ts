import type { Duplex } from 'node:stream'
import { randomMaskingKeys } from '../src/client/masking-keys.ts'
import { Deflater } from '../src/permessage-deflate/deflater.ts'
import { Inflater } from '../src/permessage-deflate/inflater.ts'
import type { MessageLimits } from '../src/protocol/message-assembler.ts'
import type { Role } from '../src/protocol/role.ts'
import { TopicHub } from '../src/topics/topic-hub.ts'
import { resolveLimits } from '../src/websocket/limits.ts'
import { openWebSocket, WebSocket } from '../src/websocket/websocket.ts'
import { MessageRecorder } from '../test/support/message-recorder.ts'

export interface EndOptions {
  readonly role: Role
  readonly limits: MessageLimits
  readonly compressed: boolean
  readonly contextTakeover: boolean
}

/** One open connection, and what it has told of. */
export interface End {
  readonly socket: WebSocket
  readonly recorder: MessageRecorder
  /** What user code threw, of which there is none. */
  readonly userErrors: unknown[]
  /** Resolves with the close code. */
  readonly closed: Promise<number>
}

const nextMaskingKey = randomMaskingKeys()

/** A whole connection on a stream whose opening handshake counts as done. */
export function openEnd(stream: Duplex, { role, limits, compressed, contextTakeover }: EndOptions): End {
  const socket = new WebSocket(null)
  const recorder = new MessageRecorder()
  const userErrors: unknown[] = []
  const compression = { windowBits: 15, contextTakeover }
  openWebSocket(socket, {
    stream,
    head: Buffer.alloc(0),
    settings: {
      role,
      ...(role === 'client' && { nextMaskingKey }),
      limits: resolveLimits({ maxPayload: limits.maxPayload, maxFragments: limits.maxFragments }),
      budget: limits.budget,
      handling: { hooks: { message: (_socket, data) => record(recorder, data) }, delivery: 'hooks' },
      topics: new TopicHub(),
    },
    protocol: '',
    extensions: '',
    compression: compressed
      ? {
          deflater: new Deflater(compression, { threshold: 0, level: 1, memLevel: 8 }),
          inflater: new Inflater(compression),
        }
      : undefined,
    params: {},
    data: undefined,
    start: undefined,
    onUserError: (error) => userErrors.push(error),
    onEnd: () => {},
  })
  socket.on('ping', (payload: Buffer) => recorder.ping(payload))
  socket.on('pong', (payload: Buffer) => recorder.pong(payload))
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  return { socket, recorder, userErrors, closed }
}

function record(recorder: MessageRecorder, data: string | Buffer): void {
  const bytes = Buffer.from(data)
  if (typeof data === 'string') recorder.text(bytes, 0, bytes.length, 0xff)
  else recorder.binary(bytes, 0, bytes.length)
}
