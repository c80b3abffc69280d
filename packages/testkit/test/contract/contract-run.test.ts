import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ContractRun } from '../../src/contract/contract-run.ts'
import { careless } from './careless-harness.ts'

describe('the run of a case', () => {
  it('starts an application with one route, /chat, and connects to it', async () => {
    const start = vi.fn(careless.start)
    const run = new ContractRun({ ...careless, start })
    const handler = () => {}
    const application = await run.serve(handler, { options: { maxPayload: 5 }, shutdown: { code: 1012 } })
    expect(start).toHaveBeenCalledExactlyOnceWith({
      routes: [{ path: '/chat', handler, options: { maxPayload: 5 } }],
      shutdown: { code: 1012 },
    })
    expect((await run.connect(application)).status).toBe(101)
    await run.end()
  })

  it('ends its connections and applications', async () => {
    const run = new ContractRun(careless)
    const application = await run.start({ routes: [] })
    const client = await run.connect(application)
    await run.end()
    await client.ended
    expect(application.server.listening).toBe(false)
  })

  it('fails at its end where a server stays', async () => {
    const run = new ContractRun(careless)
    const server = createServer().listen(0, '127.0.0.1')
    let seconds = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => seconds++ * 1000)
    onTestFinished(() => clock.mockRestore())
    await expect(run.end()).rejects.toThrow('Still open after 5000 ms: 1 TCPServerWrap')
    server.close()
  })

  it('fails at its end where the process was troubled', async () => {
    const run = new ContractRun(careless)
    process.emitWarning('too many listeners', 'MaxListenersExceededWarning')
    await expect(run.end()).rejects.toThrow('too many listeners')
  })

  it('that is abandoned ends, whatever stays', async () => {
    const close = vi.fn(() => Promise.reject(new Error('it cannot close')))
    const run = new ContractRun({
      ...careless,
      start: async (of) => ({ ...(await careless.start(of)), close }),
    })
    const { server } = await run.start({ routes: [] })
    const listeners = process.listenerCount('uncaughtException')
    await run.abandon()
    expect(close).toHaveBeenCalledOnce()
    expect(process.listenerCount('uncaughtException')).toBe(listeners - 1)
    server.close()
  })
})
