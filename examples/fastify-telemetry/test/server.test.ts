import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rawUpgrade, type ServerProcess, spawnServer } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const EXAMPLE = new URL('..', import.meta.url)

let directory: string
let server: ServerProcess

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
})

afterEach(async () => {
  await server.stop('SIGKILL')
  rmSync(directory, { recursive: true })
})

describe('npm run start:fastify', () => {
  it('prints the URL to open, and serves it', async () => {
    server = start()
    const url = await server.opened
    expect(server.output).toBe(`The dashboard is open at ${url}\n`)
    const response = await fetch(url)
    expect([response.status, response.url]).toEqual([200, `${url}/sign-in`])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'has simulated devices; says goodbye with 1001 at %s, and exits with 0',
    async (signal) => {
      server = start({ SIMULATED_DEVICES: undefined })
      const url = await server.opened
      const response = await fetch(`${url}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ name: 'Ada' }),
      })
      const cookie = response.headers.getSetCookie()[0].split(';')[0]
      const { port } = new URL(url)
      const client = await rawUpgrade(
        { host: 'localhost', port: Number(port) },
        { path: '/live', headers: { cookie } },
      )
      const [welcome, reading] = await client.frames(2)
      expect(JSON.parse(welcome.payload.toString())).toMatchObject({ type: 'welcome', you: { name: 'Ada' } })
      expect(JSON.parse(reading.payload.toString())).toMatchObject({ type: 'reading' })
      const exited = server.stop(signal)
      expect(await client.nextClose()).toMatchObject({ code: 1001 })
      client.end()
      expect(await exited).toBe(0)
    },
  )

  it('says that the port is taken, and exits with 1', async () => {
    const other = createServer().listen(0, 'localhost')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    server = start({ PORT: String(port) })
    expect(await server.exited).toBe(1)
    expect(server.errors).toBe(
      `Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm run start:fastify\n`,
    )
    other.close()
    await once(other, 'close')
  })

  it('says what PORT must be instead of "http"', async () => {
    server = start({ PORT: 'http' })
    expect(await server.exited).toBe(1)
    expect(server.errors).toBe('PORT must be a number from 0 to 65535, not "http"\n')
  })
})

function start(environment: Record<string, string | undefined> = {}): ServerProcess {
  return spawnServer(EXAMPLE, {
    PORT: '0',
    DATA_DIRECTORY: directory,
    SIMULATED_DEVICES: '0',
    ...environment,
  })
}
