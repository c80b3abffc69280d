import { describe, expect, it } from 'vitest'
import { spawnServer } from '../src/server-process.ts'

const EXAMPLE = new URL('../../../examples/express-chat/', import.meta.url)

describe('the server of an example', () => {
  it('is open when it prints its URL, and ends by the signal it is sent', async () => {
    const server = spawnServer(EXAMPLE, { PORT: '0' })
    const url = await server.opened
    expect((await fetch(url)).status).toBe(200)
    expect(server.output).toContain(url)
    expect(await server.stop()).toBe(0)
  })

  it('says why it did not open', async () => {
    const server = spawnServer(EXAMPLE, { PORT: 'http' })
    expect(await server.exited).toBe(1)
    await expect(server.opened).rejects.toThrow('The server ended before it was open: ')
    expect(server.errors).toContain('PORT')
  })
})
