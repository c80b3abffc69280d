import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { rawUpgrade, type ServerProcess, spawnServer } from '@upwire/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const EXAMPLE = new URL('..', import.meta.url)

let server: ServerProcess

afterEach(async () => {
  await server.stop('SIGKILL')
})

describe('npm run start:nest', () => {
  it('prints the URL to open and the password of the auctioneer, and serves it', async () => {
    server = spawnServer(EXAMPLE, { PORT: '0', AUCTIONEER_PASSWORD: 'gone' })
    const url = await server.opened
    expect(server.output).toContain(`The auctions are open at ${url}\n`)
    const response = await fetch(url)
    expect([response.status, response.url]).toEqual([200, `${url}/sign-in?auction=lamp`])
    expect(server.output).toContain('The auctioneer signs in with the password gone\n')
  })

  it('says that the port is taken, and exits with 1', async () => {
    const other = createServer().listen(0)
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    server = spawnServer(EXAMPLE, { PORT: String(port) })
    expect(await server.exited).toBe(1)
    expect(server.errors).toContain(
      `Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm run start:nest\n`,
    )
    other.close()
    await once(other, 'close')
  })

  it('says what PORT must be instead of "http"', async () => {
    server = spawnServer(EXAMPLE, { PORT: 'http' })
    expect(await server.exited).toBe(1)
    expect(server.errors).toBe('PORT must be a number from 0 to 65535, not "http"\n')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('says goodbye with 1001 at %s, and ends', async (signal) => {
    server = spawnServer(EXAMPLE, { PORT: '0' })
    const url = await server.opened
    const body = new URLSearchParams({ name: 'Ada' })
    const response = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body })
    const cookie = response.headers.getSetCookie()[0].split(';')[0]
    const { port } = new URL(url)
    const client = await rawUpgrade(Number(port), { path: '/auctions/lamp', headers: { cookie } })
    expect(client.status).toBe(101)
    const exited = server.stop(signal)
    await client.nextFrame()
    expect(await client.nextClose()).toMatchObject({ code: 1001 })
    client.end()
    await exited
  })
})
