import { describe, expect, it, vi } from 'vitest'
import { contractCase } from '../../src/contract/contract-case.ts'
import { playCase } from '../../src/contract/play-case.ts'
import { careless } from './careless-harness.ts'

describe('a case that is played', () => {
  it('is given the harness, and what it started is ended', async () => {
    const start = vi.fn(careless.start)
    let listening = (): boolean => false
    const started = contractCase('starts', async (run) => {
      const { server } = await run.start({ routes: [] })
      listening = () => server.listening
      expect(listening()).toBe(true)
    })
    await playCase(started, { ...careless, start })
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
    await expect(playCase(failing, careless)).rejects.toThrow('it does not hold')
    expect(listening()).toBe(false)
  })
})
