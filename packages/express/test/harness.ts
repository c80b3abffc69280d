import { once } from 'node:events'
import type { Server } from 'node:http'
import { type RawClient, rawUpgrade, type UpgradeOptions } from '@upwire/testkit'
import express5 from 'express'
import express4 from 'express4'
import { onTestFinished } from 'vitest'

/** For `describe.each`: everything holds for both. */
export const EXPRESSES = [
  { version: 'Express 4', express: express4 },
  { version: 'Express 5', express: express5 },
]

interface Listening {
  listen(port: number, host: string): Server
}

/** Lets an application, or a server, listen until the test is over. */
export async function serve(listening: Listening): Promise<Server> {
  const server = listening.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return server
}

/** Sends an opening handshake; the connection lasts until the test is over. */
export async function connect(server: Server, options?: string | UpgradeOptions): Promise<RawClient> {
  const client = await rawUpgrade(server, typeof options === 'string' ? { path: options } : options)
  onTestFinished(() => client.reset())
  return client
}

/** The text of the next message. */
export async function nextText(client: RawClient): Promise<string> {
  const { payload } = await client.nextFrame()
  return payload.toString()
}
