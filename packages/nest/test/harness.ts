import 'reflect-metadata'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { INestApplication, ModuleMetadata, NestApplicationOptions, Type } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { UpwireAdapter, type UpwireAdapterOptions } from '@upwire/nest'
import { type RawClient, rawUpgrade, type UpgradeOptions } from '@upwire/testkit'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

type HttpsOptions = NestApplicationOptions['httpsOptions']
type Platform = ExpressAdapter | FastifyAdapter

/** For `describe.each`: everything holds for both. Fastify makes its server itself, with TLS or without. */
export const PLATFORMS = [
  { platform: 'Express', createPlatform: (_https?: HttpsOptions): Platform => new ExpressAdapter() },
  {
    platform: 'Fastify',
    createPlatform: (https?: HttpsOptions): Platform => new FastifyAdapter(https ? { https } : {}),
  },
]

export interface TestingAppOptions extends Pick<ModuleMetadata, 'providers' | 'controllers' | 'imports'> {
  readonly gateways?: readonly Type[]
  readonly httpsOptions?: HttpsOptions
}

export interface AppOptions extends TestingAppOptions {
  readonly adapter?: UpwireAdapterOptions
  /** Runs before the application is initialized. */
  readonly prepare?: (app: INestApplication, adapter: UpwireAdapter) => unknown
}

/** A Nest application, not initialized and without an adapter. */
export async function createTestingApp(
  platform: Platform,
  { gateways = [], providers = [], controllers, imports, httpsOptions }: TestingAppOptions,
): Promise<INestApplication> {
  const metadata = { controllers, imports, providers: [...gateways, ...providers] }
  const testing = await Test.createTestingModule(metadata).compile()
  return testing.createNestApplication(platform as ExpressAdapter, { logger: false, httpsOptions })
}

/** A Nest application that is closed when the test is over. */
export async function createApp(
  createPlatform: () => Platform,
  { adapter, prepare, ...options }: AppOptions,
): Promise<INestApplication> {
  const app = await createTestingApp(createPlatform(), options)
  const upwire = new UpwireAdapter(app, adapter)
  app.useWebSocketAdapter(upwire)
  await prepare?.(app, upwire)
  onTestFinished(() => app.close())
  return app
}

/** The same, listening. */
export async function listen(...args: Parameters<typeof createApp>): Promise<INestApplication> {
  const app = await createApp(...args)
  await app.listen(0, '127.0.0.1')
  return app
}

export function serverOf(app: INestApplication): Server {
  return app.getHttpServer()
}

/** Sends an opening handshake; the connection lasts until the test is over. */
export async function connect(app: INestApplication, options?: string | UpgradeOptions): Promise<RawClient> {
  const client = await rawUpgrade(serverOf(app), typeof options === 'string' ? { path: options } : options)
  onTestFinished(() => client.reset())
  return client
}

/** A client of the package `ws`, open. */
export async function openClient(app: INestApplication, path = '/'): Promise<WebSocket> {
  const { port } = serverOf(app).address() as AddressInfo
  return openAt(port, path)
}

/** The same, on a port by number. */
export async function openAt(port: number, path = '/'): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  onTestFinished(() => client.terminate())
  await once(client, 'open')
  return client
}

/** Sends a message as JSON, and gives the next one that comes back. */
export async function ask(client: WebSocket, message: unknown): Promise<unknown> {
  const answer = nextMessage(client)
  client.send(typeof message === 'string' ? message : JSON.stringify(message))
  return answer
}

export async function nextMessage(client: WebSocket): Promise<unknown> {
  const [data] = await once(client, 'message')
  return JSON.parse(String(data))
}

/** A port that is free now, for gateways with a port of their own. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The text of the next message. */
export async function nextText(client: RawClient): Promise<string> {
  const { payload } = await client.nextFrame()
  return payload.toString()
}
