import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rawUpgrade, type ServerProcess, spawnServer } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const EXAMPLE = new URL('..', import.meta.url)

let directory: string
let server: ServerProcess

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'express-chat-'))
})

afterEach(async () => {
  await server.stop('SIGKILL')
  rmSync(directory, { recursive: true })
})

describe('npm start', () => {
  it('prints the URL to open, and serves it', async () => {
    server = start()
    const url = await server.opened
    expect(server.output).toContain(`The chat is open at ${url}\n`)
    const response = await fetch(url)
    expect([response.status, response.url]).toEqual([200, `${url}/sign-in?room=lounge`])
  })

  it('makes a secret of its own where SESSION_SECRET is not set', async () => {
    server = start({ SESSION_SECRET: undefined })
    await server.opened
    expect(server.output).toContain('SESSION_SECRET is not set')
  })

  it('says that the port is taken, and exits with 1', async () => {
    const other = createServer().listen(0)
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    server = start({ PORT: String(port) })
    expect(await server.exited).toBe(1)
    expect(server.errors).toBe(
      `Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm start\n`,
    )
    other.close()
    await once(other, 'close')
  })

  it('says what PORT must be instead of "http"', async () => {
    server = start({ PORT: 'http' })
    expect(await server.exited).toBe(1)
    expect(server.errors).toBe('PORT must be a number from 0 to 65535, not "http"\n')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says goodbye with 1001 at %s, and exits with 0',
    async (signal) => {
      server = start()
      const url = await server.opened
      const response = await fetch(`${url}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ name: 'Ada' }),
      })
      const cookie = response.headers.getSetCookie()[0].split(';')[0]
      const client = await rawUpgrade(Number(new URL(url).port), {
        path: '/rooms/lounge',
        headers: { cookie },
      })
      expect(client.status).toBe(101)
      const exited = server.stop(signal)
      expect(await client.nextClose()).toMatchObject({ code: 1001 })
      client.end()
      expect(await exited).toBe(0)
    },
  )

  it('ends in time beside a connection that was opened ahead of its request', async () => {
    server = start()
    const url = new URL(await server.opened)
    const connection = connect(Number(url.port), url.hostname)
    await once(connection, 'connect')
    expect(await server.stop('SIGTERM')).toBe(0)
    connection.destroy()
  })
})

function start(environment: Record<string, string | undefined> = {}): ServerProcess {
  return spawnServer(EXAMPLE, {
    PORT: '0',
    SESSION_SECRET: 'a secret for tests',
    DATA_DIRECTORY: directory,
    ...environment,
  })
}
