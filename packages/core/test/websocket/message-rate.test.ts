import { describe, expect, it } from 'vitest'
import { MessageRate } from '../../src/websocket/message-rate.ts'

/** How many messages in a row are paid for at this time. */
function paid(rate: MessageRate, now: number): number {
  let count = 0
  while (count < 10_000 && rate.pay(now)) count++
  return count
}

describe('a message rate', () => {
  it('lets ten seconds of it through in a burst', () => {
    expect(paid(new MessageRate(5, 1000), 1000)).toBe(50)
  })

  it('earns its messages again as time goes by', () => {
    const rate = new MessageRate(5, 1000)
    paid(rate, 1000)
    expect(paid(rate, 2000)).toBe(5)
    expect(paid(rate, 2100)).toBe(0)
    expect(paid(rate, 2200)).toBe(1)
  })

  it('saves no more than ten seconds, however long it was quiet', () => {
    const rate = new MessageRate(5, 1000)
    expect(paid(rate, 3_600_000)).toBe(50)
  })

  it('keeps the part of a message that it has earned', () => {
    const rate = new MessageRate(1, 1000)
    paid(rate, 1000)
    const times = [1300, 1600, 1900, 2200]
    expect(times.map((now) => rate.pay(now))).toEqual([false, false, false, true])
  })

  it('does not mind a clock that stands still', () => {
    const rate = new MessageRate(2, 1000)
    expect([paid(rate, 1000), paid(rate, 1000)]).toEqual([20, 0])
  })
})
