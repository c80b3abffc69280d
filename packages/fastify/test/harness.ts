import type { IncomingHttpHeaders } from 'node:http'
import { RefusedInjection } from '@upwire/core/internal'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyServerOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import { type UpwireOptions, upwire } from '../src/index.ts'
import type { InjectedWebSocket } from '../src/socket.ts'

/** A line of Fastify's log. */
export interface LogLine {
  level: number
  msg: string
  [name: string]: unknown
}

/** An application with the plugin, that lasts until the test is over. */
export async function createApp(
  options?: UpwireOptions,
  server?: FastifyServerOptions,
): Promise<FastifyInstance> {
  const app = closing(Fastify(server))
  await app.register(upwire, options ?? {})
  return app
}

/** The same, with what it logs. */
export async function createLoggingApp(
  options?: UpwireOptions,
): Promise<{ app: FastifyInstance; lines: LogLine[] }> {
  const lines: LogLine[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  return { app: await createApp(options, { logger: { stream } }), lines }
}

export function closing<App extends FastifyInstance>(app: App): App {
  onTestFinished(() => app.close())
  return app
}

/** Connects; the connection lasts until the test is over. */
export async function connect(
  app: FastifyInstance,
  path = '/',
  headers: Record<string, string> = {},
): Promise<InjectedWebSocket> {
  const socket = await app.injectWS(path, { headers }, { onInit: watchClose })
  onTestFinished(() => socket.terminate())
  return socket
}

/** Connects, and gives the headers of the 101 too. */
export async function acceptance(
  app: FastifyInstance,
  headers: Record<string, string> = {},
): Promise<{ headers: IncomingHttpHeaders; socket: InjectedWebSocket }> {
  let received: IncomingHttpHeaders = {}
  const onInit = (socket: InjectedWebSocket): void => {
    socket.once('upgrade', (response) => {
      received = response.headers
    })
  }
  const socket = await app.injectWS('/', { headers }, { onInit })
  onTestFinished(() => socket.terminate())
  return { headers: received, socket }
}

/** The response that refuses a handshake. */
export async function refused(
  app: FastifyInstance,
  path = '/',
  headers: Record<string, string> = {},
): Promise<RefusedInjection['response']> {
  const outcome = await app.injectWS(path, { headers }).catch((error: unknown) => error)
  if (outcome instanceof RefusedInjection) return outcome.response
  throw new Error('The handshake was not refused', { cause: outcome })
}

const closes = new WeakMap<InjectedWebSocket, Promise<string>>()

/** The close code and reason that a connected socket is told, or was told already. */
export async function closeOf(socket: InjectedWebSocket): Promise<string | undefined> {
  return closes.get(socket)
}

function watchClose(socket: InjectedWebSocket): void {
  const closed = new Promise<string>((resolve) => {
    socket.once('close', (code, reason) => resolve(`${code} ${reason}`.trim()))
  })
  closes.set(socket, closed)
}

/** Registers a plugin that is a context of its own. */
export async function nest(
  app: FastifyInstance,
  plugin: FastifyPluginAsync,
  options: { prefix?: string } = {},
): Promise<void> {
  await app.register(plugin, options)
}
