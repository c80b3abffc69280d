import { describe, expect, it, vi } from 'vitest'
import { contractCase } from '../../src/contract/contract-case.ts'
import { playCase } from '../../src/contract/play-case.ts'
import { careless } from './careless-harness.ts'

const skip = (reason: string): never => {
  throw new Error(`skipped: ${reason}`)
}

describe('a case that is played', () => {
  it('is given the harness, and what it started is ended', async () => {
    const start = vi.fn(careless.start)
    let listening = (): boolean => false
    const started = contractCase('starts', async (run) => {
      const { server } = await run.start({ routes: [] })
      listening = () => server.listening
      expect(listening()).toBe(true)
    })
    await playCase(started, { ...careless, start }, skip)
    expect(start).toHaveBeenCalledOnce()
    expect(listening()).toBe(false)
  })

  it('fails as it does, when what it started has ended', async () => {
    let listening = (): boolean => false
    const failing = contractCase('fails', async (run) => {
      const { server } = await run.start({ routes: [] })
      listening = () => server.listening
      throw new Error('it does not hold')
    })
    await expect(playCase(failing, careless, skip)).rejects.toThrow('it does not hold')
    expect(listening()).toBe(false)
  })

  it('is skipped, with the reason, where the framework lacks what it needs', async () => {
    const run = vi.fn(async () => {})
    const hooks = contractCase('is about hooks', run, { needs: ['hooks'] })
    const lacking = { ...careless, lacks: { hooks: 'its gateways are its hooks' } }
    await expect(playCase(hooks, lacking, skip)).rejects.toThrow('lacks hooks: its gateways are its hooks')
    expect(run).not.toHaveBeenCalled()
    await playCase(hooks, careless, skip)
    expect(run).toHaveBeenCalledOnce()
  })
})
