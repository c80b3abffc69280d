import type { AddressInfo } from 'node:net'
import { type RawClient, rawUpgrade, text } from '@upwire/testkit'
import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import { Settings } from '../src/settings.ts'

/** What makes somebody the auctioneer in tests. */
export const PASSWORD = 'going, going, gone'

/** The application on a port of its own, until the test is over. */
export async function startAuctions() {
  const app = await createApp(
    new Settings({ JWT_SECRET: 'a secret for tests', AUCTIONEER_PASSWORD: PASSWORD }),
  )
  await app.listen(0)
  onTestFinished(() => app.close())
  const { port } = app.getHttpServer().address() as AddressInfo
  const url = `http://localhost:${port}`

  return {
    app,
    url,
    port,
    post,

    async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${url}${path}`, { redirect: 'manual', headers })
    },

    /** Gives the cookie of a new session. */
    async signIn(name: string, password = ''): Promise<string> {
      const response = await post('/sign-in', { body: new URLSearchParams({ name, password }) })
      return response.headers.getSetCookie()[0].split(';')[0]
    },

    /** Opens the WebSocket of an auction, and resolves when the visitor has been told about it. */
    async join(cookie: string, id = 'lamp') {
      const visitor = new Visitor(await rawUpgrade(port, { path: `/auctions/${id}`, headers: { cookie } }))
      return { visitor, auction: await visitor.next() }
    },
  }

  function post(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', ...options })
  }
}

/** Somebody at an auction, without a page. */
export class Visitor {
  readonly client: RawClient

  constructor(client: RawClient) {
    this.client = client
    onTestFinished(() => client.reset())
  }

  send(event: string, data?: unknown): void {
    this.client.write(text(JSON.stringify({ event, data })))
  }

  async next(): Promise<{ readonly event: string; readonly data: unknown }> {
    const { payload } = await this.client.nextFrame()
    return JSON.parse(payload.toString())
  }
}
