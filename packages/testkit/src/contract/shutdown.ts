import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, vi } from 'vitest'
import { close } from '../frames.ts'
import { handshakeBytes, rawConnect } from '../raw-client.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import { expectStats, expectStatus, happens } from './expectations.ts'
import { gate } from './gate.ts'

const DEADLINE = 60
/** How long a busy machine may take over it; a wait for nothing takes longer. */
const BUSY = 2000

const idle = (): void => {}

/** Closing ends: politely with who answers, in time with who does not. */
export const shutdown: readonly ContractCase[] = [
  contractCase('every peer is told 1001, and it has closed when all have answered', async (run) => {
    const closed = vi.fn()
    const application = await run.serve((socket) => socket.on('close', closed), {
      shutdown: { deadline: 4000 },
    })
    const clients = [await run.connect(application), await run.connect(application)]
    const closing = application.close()
    for (const client of clients) {
      expect(await client.nextClose()).toEqual({ code: 1001, reason: '' })
      client.write(close(1001))
    }
    await closing
    expect(closed.mock.calls.map(([code]) => code)).toEqual([1001, 1001])
    expect(application.stats()).toMatchObject({ open: 0, pending: 0, closed: { 1001: 2 } })
    expect(application.server.listening).toBe(false)
  }),

  contractCase('it says the code and the reason it is given', async (run) => {
    const application = await run.serve(idle, { shutdown: { code: 1012, reason: 'restart', deadline: 4000 } })
    const client = await run.connect(application)
    const closing = application.close()
    expect(await client.nextClose()).toEqual({ code: 1012, reason: 'restart' })
    client.write(close(1012))
    await closing
  }),

  contractCase('a peer that never answers is cut off at the deadline', async (run) => {
    const application = await run.serve(idle, { shutdown: { deadline: DEADLINE } })
    const [mute, deaf] = [await run.connect(application), await run.connect(application)]
    deaf.pauseReading()
    const start = performance.now()
    await application.close()
    expect(performance.now() - start).toBeLessThan(DEADLINE + BUSY)
    expect((await mute.nextClose()).code).toBe(1001)
    await mute.ended
    expect(application.stats()).toMatchObject({ open: 0, closed: { 1006: 2 } })
  }),

  contractCase('a handshake that nobody decides is cut off at the deadline', async (run) => {
    const deciding = gate()
    const application = await run.serve(idle, {
      before: [deciding.wait],
      shutdown: { deadline: DEADLINE },
    })
    const connecting = run.connect(application).then(
      ({ status }) => status,
      () => 'cut off',
    )
    await deciding.reached
    const start = performance.now()
    await application.close()
    expect(performance.now() - start).toBeLessThan(DEADLINE + BUSY)
    expect(['cut off', 503]).toContain(await connecting)
    deciding.open()
  }),

  contractCase('a handshake that is decided while it closes is a 503', async (run) => {
    const deciding = gate()
    const application = await run.start({
      routes: [
        { path: '/slow', handler: () => expect.unreachable('The handler ran'), before: [deciding.wait] },
        { path: '/chat', handler: idle },
      ],
      shutdown: { deadline: 4000 },
    })
    const connecting = run.connect(application, { path: '/slow' })
    await deciding.reached
    const open = await run.connect(application)
    const closing = application.close()
    await open.nextClose()
    deciding.open()
    await expectStatus(await connecting, 503)
    open.write(close(1001))
    await closing
  }),

  contractCase('a handshake that comes while it closes is a 503, and its route is not asked', async (run) => {
    const asked = vi.fn(() => undefined)
    const application = await run.serve(idle, { before: [asked], shutdown: { deadline: 4000 } })
    const open = await run.connect(application)
    // The server's close() ends connections without a request, so that this one has begun.
    const handshake = handshakeBytes(application.server, { path: '/chat' })
    const connected = once(application.server, 'connection')
    const { transport, request } = await rawConnect(application.server)
    const [stream]: Socket[] = await connected
    transport.write(handshake.subarray(0, -1))
    await happens(() => stream.bytesRead > 0)
    const closing = application.close()
    await open.nextClose()
    const late = await request(handshake.subarray(-1))
    run.keep(late)
    await expectStatus(late, 503)
    expect(asked).toHaveBeenCalledOnce()
    open.write(close(1001))
    await closing
  }),

  contractCase('closing twice is closing once', async (run) => {
    const application = await run.serve(idle, { shutdown: { deadline: DEADLINE } })
    const client = await run.connect(application)
    await Promise.all([application.close(), application.close()])
    expect((await client.nextClose()).code).toBe(1001)
    await application.close()
  }),

  contractCase('closing with nobody there is closed', async (run) => {
    const application = await run.serve(idle, { shutdown: { deadline: 4000 } })
    const client = await run.connect(application, { after: close(1000) })
    await client.nextClose()
    const start = performance.now()
    await application.close()
    expect(performance.now() - start).toBeLessThan(BUSY)
    await expect(rawConnect(application.server)).rejects.toThrow()
  }),

  contractCase(
    "the server's own close() begins it",
    async (run) => {
      const application = await run.serve(idle)
      const client = await run.connect(application)
      const closed = once(application.server, 'close')
      application.server.close()
      expect(await client.nextClose()).toEqual({ code: 1001, reason: '' })
      client.write(close(1001))
      await closed
      await expectStats(application, { open: 0, closed: { 1001: 1 } })
    },
    { needs: ['own server'] },
  ),
]
