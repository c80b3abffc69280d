import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageModule } from './page-module.ts'

interface RoundTripModule {
  RoundTrip: new (
    socket: { send(message: { id: string }): void; drop(): void },
    show: (milliseconds: number | undefined) => void,
  ) => { start(): void; stop(): void; answered(id: string): void }
}

const { RoundTrip } = await pageModule<RoundTripModule>('round-trip.js')

const FIRST_ROUND = 500
const INTERVAL = 4000

describe('RoundTrip', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('shows how long a ping was under way', () => {
    const { roundTrip, pings, shown } = measure()
    vi.advanceTimersByTime(FIRST_ROUND)
    expect(pings).toEqual([{ type: 'ping', id: expect.any(String) }])
    vi.advanceTimersByTime(12)
    roundTrip.answered(pings[0].id)
    expect(shown).toEqual([undefined, 12])
  })

  it('measures again every few seconds', () => {
    const { roundTrip, pings, shown } = measure()
    vi.advanceTimersByTime(FIRST_ROUND)
    roundTrip.answered(pings[0].id)
    vi.advanceTimersByTime(INTERVAL)
    vi.advanceTimersByTime(34)
    roundTrip.answered(pings[1].id)
    expect(shown).toEqual([undefined, 0, 34])
  })

  it('takes an answer once, and none to another question', () => {
    const { roundTrip, pings, shown } = measure()
    vi.advanceTimersByTime(FIRST_ROUND)
    roundTrip.answered('unknown')
    roundTrip.answered(pings[0].id)
    roundTrip.answered(pings[0].id)
    expect(shown).toEqual([undefined, 0])
  })

  it('drops a connection that has not answered until the next round', () => {
    const { pings, drop } = measure()
    vi.advanceTimersByTime(FIRST_ROUND + INTERVAL)
    expect(drop).toHaveBeenCalledOnce()
    expect(pings).toHaveLength(1)
  })

  it('shows nothing and asks nothing once it is stopped', () => {
    const { roundTrip, pings, shown, drop } = measure()
    vi.advanceTimersByTime(FIRST_ROUND)
    roundTrip.stop()
    roundTrip.answered(pings[0].id)
    vi.advanceTimersByTime(INTERVAL)
    expect(shown).toEqual([undefined, undefined])
    expect(drop).not.toHaveBeenCalled()
  })
})

function measure() {
  const pings: { id: string }[] = []
  const shown: (number | undefined)[] = []
  const drop = vi.fn()
  const socket = { send: (message: { id: string }) => pings.push(message), drop }
  const roundTrip = new RoundTrip(socket, (milliseconds) => shown.push(milliseconds))
  roundTrip.start()
  return { roundTrip, pings, shown, drop }
}
