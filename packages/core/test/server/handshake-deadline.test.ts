import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { rawUpgrade } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HandshakeDeadline } from '../../src/server/handshake-deadline.ts'
import { UpgradeResponse } from '../../src/server/upgrade-response.ts'

/** An opening handshake that nobody has decided about, and what its peer is answered. */
async function undecided() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = rawUpgrade(server)
  const [request, stream] = (await once(server, 'upgrade')) as [
    ConstructorParameters<typeof UpgradeResponse>[0],
    Duplex,
  ]
  server.close()
  return { response: new UpgradeResponse(request, stream), stream, answer }
}

describe('the deadline of a handshake', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('answers with 503 for an application that is late', async () => {
    const { response, answer } = await undecided()
    new HandshakeDeadline(response, 100).watch()
    vi.advanceTimersByTime(99)
    expect(response.state).toBe('pending')
    vi.advanceTimersByTime(1)
    expect(response.state).toBe('expired')
    vi.useRealTimers()
    expect((await answer).status).toBe(503)
  })

  it('counts from the beginning when it is moved', async () => {
    const { response, answer } = await undecided()
    const deadline = new HandshakeDeadline(response, 1000)
    deadline.watch()
    vi.advanceTimersByTime(60)
    deadline.set(100)
    vi.advanceTimersByTime(39)
    expect(response.state).toBe('pending')
    vi.advanceTimersByTime(1)
    expect(response.state).toBe('expired')
    vi.useRealTimers()
    await answer
  })

  it('is never over where it is 0, nor one of months at once', async () => {
    const { response, stream, answer } = await undecided()
    const timers = vi.getTimerCount()
    new HandshakeDeadline(response, 0).watch()
    expect(vi.getTimerCount()).toBe(timers)
    new HandshakeDeadline(response, 2 ** 32).watch()
    vi.advanceTimersByTime(1000)
    expect(response.state).toBe('pending')
    vi.useRealTimers()
    stream.destroy()
    await expect(answer).rejects.toThrow()
  })

  it('leaves no timer behind when the response has closed', async () => {
    const { response, answer } = await undecided()
    const expire = vi.spyOn(response, 'expire')
    new HandshakeDeadline(response, 100).watch()
    response.refuse({ status: 401 })
    await once(response.response, 'close')
    vi.advanceTimersByTime(100)
    expect(expire).not.toHaveBeenCalled()
    vi.useRealTimers()
    expect((await answer).status).toBe(401)
  })
})
