import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RawClient, rawUpgrade, text } from '@upwire/testkit'
import { createApp } from '../src/app.ts'
import { Board } from '../src/board.ts'

/** Signs the tokens of devices in tests. */
export const DEVICE_SECRET = 'a secret for tests'
export const BOILER = { id: 'boiler', name: 'Boiler', unit: '°C' }

/** The application on a port of its own, with a new directory for its sessions and no simulated device. */
export async function startApp() {
  const directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
  const board = new Board()
  const app = await createApp({ directory, deviceSecret: DEVICE_SECRET, board })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  return {
    app,
    board,
    url,
    port,
    post,

    /** Gives the cookie of a new session. */
    async signIn(name: string): Promise<string> {
      const response = await post('/sign-in', { body: new URLSearchParams({ name }) })
      return response.headers.getSetCookie()[0].split(';')[0]
    },

    get(path: string, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${url}${path}`, { redirect: 'manual', headers })
    },

    /** Opens the WebSocket of a device. */
    async device(token = app.jwt.sign(BOILER)): Promise<Talker> {
      return new Talker(
        await rawUpgrade(port, { path: '/measurements', headers: { authorization: `Bearer ${token}` } }),
      )
    },

    /** Opens the WebSocket of the page. */
    async viewer(cookie: string): Promise<Talker> {
      return new Talker(await rawUpgrade(port, { path: '/live', headers: { cookie } }))
    },

    async close(): Promise<void> {
      for (const socket of app.websocketServer.clients) socket.terminate()
      await app.close()
      rmSync(directory, { recursive: true })
    },
  }

  function post(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', ...options })
  }
}

export type RunningApp = Awaited<ReturnType<typeof startApp>>

/** A client that speaks JSON. */
export class Talker {
  readonly client: RawClient

  constructor(client: RawClient) {
    this.client = client
  }

  send(message: unknown): void {
    this.client.write(text(JSON.stringify(message)))
  }

  async next(): Promise<Record<string, unknown>> {
    const { payload } = await this.client.nextFrame()
    return JSON.parse(payload.toString())
  }
}
