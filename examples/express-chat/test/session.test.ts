import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SessionSettings, sessions } from '../src/session.ts'

let directory: string
let servers: Server[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'express-chat-'))
  servers = []
  vi.spyOn(console, 'log').mockReturnValue()
})

afterEach(async () => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  rmSync(directory, { recursive: true })
  vi.restoreAllMocks()
})

describe('sessions', () => {
  it.each([
    ['a secret that is given', 'a secret for tests'],
    ['a secret of its own', undefined],
  ])('know a cookie after a restart, with %s', async (_what, secret) => {
    const cookie = await cookieFrom(await listen({ directory, secret }))
    expect(await nameFor(await listen({ directory, secret }), cookie)).toBe('Ada')
  })

  it('know no cookie that was signed with another secret', async () => {
    const cookie = await cookieFrom(await listen({ directory, secret: 'one' }))
    expect(await nameFor(await listen({ directory, secret: 'another' }), cookie)).toBe('nobody')
  })

  it('set no cookie for somebody who is not signed in', async () => {
    const response = await fetch(`${await listen({ directory, secret: 'one' })}/name`)
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('make a secret once, say where, and let nobody else on the machine read it', async () => {
    await listen({ directory: join(directory, 'new') })
    const path = join(directory, 'new', 'session-secret')
    expect(console.log).toHaveBeenCalledWith(`SESSION_SECRET is not set: a random one is kept in ${path}`)
    expect(readFileSync(path, 'utf8')).toMatch(/^[\w-]{43}$/)
    expect(statSync(path).mode & 0o077).toBe(0)
    await listen({ directory: join(directory, 'new') })
    expect(console.log).toHaveBeenCalledOnce()
  })

  it('refuse to start from a secret that cannot be read', async () => {
    await expect(listen({ directory: '/dev/null' })).rejects.toThrow('ENOTDIR')
  })
})

async function listen(settings: SessionSettings): Promise<string> {
  const app = express()
  app.use(sessions(settings))
  app.post('/name', (request, response) => {
    request.session.user = { id: 'user-1', name: 'Ada' }
    response.end()
  })
  app.get('/name', (request, response) => {
    response.send(request.session.user?.name ?? 'nobody')
  })
  const server = app.listen(0)
  servers.push(server)
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

async function cookieFrom(url: string): Promise<string> {
  const response = await fetch(`${url}/name`, { method: 'POST' })
  return response.headers.getSetCookie()[0].split(';')[0]
}

async function nameFor(url: string, cookie: string): Promise<string> {
  const response = await fetch(`${url}/name`, { headers: { cookie } })
  return response.text()
}
