import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { duplexPair } from '@upwire/testkit'
import { onTestFinished } from 'vitest'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import type { Role } from '../../src/protocol/role.ts'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import type { ConnectionHooks } from '../../src/websocket/hooks.ts'
import { type LimitOptions, MAX_UNFINISHED_BYTES, resolveLimits } from '../../src/websocket/limits.ts'
import type { MessageMode } from '../../src/websocket/message-mode.ts'
import type { ConnectionSettings, Opening } from '../../src/websocket/opening.ts'
import { type ReceptionOptions, resolveReception } from '../../src/websocket/reception.ts'
import { openWebSocket, WebSocket } from '../../src/websocket/websocket.ts'
import { PeerEnd } from './peer-end.ts'

export interface SettingsOptions<Data = unknown> {
  /** An object of hooks as the handler; without it the handler is a function. */
  hooks?: ConnectionHooks<Data>
  limits?: LimitOptions
  reception?: ReceptionOptions
  /** Default `server`. */
  role?: Role
  budget?: MemoryBudget
  topics?: TopicHub
  /** How messages are delivered, where no hook says it. */
  messages?: MessageMode
}

type Details<Data> = Pick<
  Opening<Data>,
  'head' | 'protocol' | 'extensions' | 'compression' | 'url' | 'params' | 'data'
>

export interface PairOptions<Data = unknown> extends SettingsOptions<Data>, Partial<Details<Data>> {
  /** A function as the handler. */
  handler?: (socket: WebSocket<Data>) => unknown
  /** What connections share, instead of settings of their own. */
  settings?: ConnectionSettings<Data>
}

/** An open server-side WebSocket and what becomes of it. */
export interface Opened<Data = unknown> {
  readonly socket: WebSocket<Data>
  readonly stream: Duplex
  /** What the application's error path was given. */
  readonly userErrors: unknown[]
  /** The sockets whose end was reported: this one, once. */
  readonly ended: WebSocket<Data>[]
  /** The close codes that were reported with it. */
  readonly endCodes: number[]
}

export interface OpenPair<Data = unknown> extends Opened<Data> {
  readonly peer: PeerEnd
}

export function settingsWith<Data>(options: SettingsOptions<Data> = {}): ConnectionSettings<Data> {
  const { hooks, limits, reception, role = 'server' } = options
  const { budget = new MemoryBudget(MAX_UNFINISHED_BYTES), topics = new TopicHub() } = options
  const { messages = hooks?.stream ? 'streamed' : 'whole' } = options
  const handling = { hooks: hooks ?? {}, delivery: hooks ? 'hooks' : 'listeners', messages } as const
  const settings = { role, limits: resolveLimits(limits), budget, handling, topics }
  return reception ? { ...settings, reception: resolveReception(reception) } : settings
}

/** Opens a WebSocket on a stream whose opening handshake counts as done. The stream is destroyed after the test. */
export function open<Data>(stream: Duplex, options: PairOptions<Data> = {}): Opened<Data> {
  const { settings = settingsWith(options), handler, hooks } = options
  const socket = new WebSocket<Data>(null)
  const userErrors: unknown[] = []
  const ended: WebSocket<Data>[] = []
  const endCodes: number[] = []
  onTestFinished(() => void stream.destroy())
  openWebSocket(socket, {
    head: Buffer.alloc(0),
    protocol: '',
    extensions: '',
    params: {},
    data: undefined as Data,
    ...options,
    stream,
    settings,
    start: handler ?? hooks?.open?.bind(hooks),
    onUserError: (error) => userErrors.push(error),
    onEnd(socket, code) {
      ended.push(socket)
      endCodes.push(code)
    },
  })
  return { socket, stream, userErrors, ended, endCodes }
}

/** A WebSocket on one end of a stream in memory. */
export function openPair<Data = unknown>(options: PairOptions<Data> = {}): OpenPair<Data> {
  const [stream, peerStream] = duplexPair()
  return { ...open(stream, options), peer: new PeerEnd(peerStream) }
}

/** A WebSocket on one end of a TCP connection. */
export async function openOverTcp<Data = unknown>(options: PairOptions<Data> = {}): Promise<OpenPair<Data>> {
  const [stream, peerStream] = await tcpPair()
  return { ...open(stream, options), peer: new PeerEnd(peerStream) }
}

/** Both ends of a TCP connection on the loopback, half-open allowed as between HTTP peers. */
export async function tcpPair(): Promise<[server: Socket, client: Socket]> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  const [[server]] = await Promise.all([once(listener, 'connection'), once(client, 'connect')])
  listener.close()
  onTestFinished(() => {
    client.destroy()
    server.destroy()
  })
  return [server, client]
}
