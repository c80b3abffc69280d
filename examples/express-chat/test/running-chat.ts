import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RawClient, rawUpgrade, text } from '@upwire/testkit'
import { createApp } from '../src/app.ts'

/** The application on a port of its own, with a new directory for its sessions. */
export async function startChat() {
  const directory = mkdtempSync(join(tmpdir(), 'express-chat-'))
  const app = createApp({ directory, secret: 'a secret for tests' })
  const server = app.listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`

  return {
    url,
    port,
    app,

    /** Gives the cookie of a new session. */
    async signIn(name: string): Promise<string> {
      const response = await post('/sign-in', { body: new URLSearchParams({ name }) })
      return response.headers.getSetCookie()[0].split(';')[0]
    },

    post,

    async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${url}${path}`, { redirect: 'manual', headers })
    },

    /** Opens the WebSocket of a room, and resolves when the visitor has been welcomed. */
    async join(cookie: string, room = 'lounge') {
      const visitor = new Visitor(await rawUpgrade(port, { path: `/rooms/${room}`, headers: { cookie } }))
      return { visitor, welcome: await visitor.next() }
    },

    async close(): Promise<void> {
      await app.websockets.close({ deadline: 100 })
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      rmSync(directory, { recursive: true })
    },
  }

  function post(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', ...options })
  }
}

export type RunningChat = Awaited<ReturnType<typeof startChat>>

/** Somebody in a room, without a page. */
export class Visitor {
  readonly client: RawClient

  constructor(client: RawClient) {
    this.client = client
  }

  send(message: object): void {
    this.client.write(text(JSON.stringify(message)))
  }

  async next(): Promise<Record<string, unknown>> {
    const { payload } = await this.client.nextFrame()
    return JSON.parse(payload.toString())
  }
}
