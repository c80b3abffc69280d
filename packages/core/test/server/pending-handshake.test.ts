import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { rawUpgrade } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../src/server/accept.ts'
import { PendingHandshake, pendingHandshakeOf } from '../../src/server/pending-handshake.ts'

class Ours extends PendingHandshake {}
class Theirs extends PendingHandshake {}

/** An upgrade as a server tells of it, and what its peer is answered. */
async function upgraded(): Promise<{ upgrade: Upgrade; answer: ReturnType<typeof rawUpgrade> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = rawUpgrade(server)
  const [request, stream, head] = (await once(server, 'upgrade')) as [Upgrade['request'], Duplex, Buffer]
  server.close()
  return { upgrade: { request, stream, head }, answer }
}

describe('a pending handshake', () => {
  it('is found by its request, as the class that it is of', async () => {
    const { upgrade, answer } = await upgraded()
    expect(pendingHandshakeOf(Ours, upgrade.request)).toBeUndefined()
    const pending = new Ours(upgrade, 0)
    expect(pendingHandshakeOf(Ours, upgrade.request)).toBe(pending)
    expect(pendingHandshakeOf(PendingHandshake, upgrade.request)).toBe(pending)
    expect(pendingHandshakeOf(Theirs, upgrade.request)).toBeUndefined()
    pending.response.writeHead(401).end()
    expect((await answer).status).toBe(401)
  })

  it('is answered with 503 when nobody has decided in time', async () => {
    const { upgrade, answer } = await upgraded()
    new Ours(upgrade, 1).watch()
    expect((await answer).status).toBe(503)
  })

  it('is not limited in time before it is watched', async () => {
    const { upgrade, answer } = await upgraded()
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const pending = new Ours(upgrade, 60_000)
    expect(timers()).toBe(before)
    pending.watch()
    expect(timers()).toBe(before + 1)
    pending.response.writeHead(401).end()
    expect((await answer).status).toBe(401)
  })
})
