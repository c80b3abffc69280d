import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Auction, BidRefused } from '../src/auction.ts'
import type { Lot } from '../src/lots.ts'
import type { Person } from '../src/person.ts'

const lot: Lot = { id: 'hat', title: 'Hat', description: 'A hat.', startingPrice: 1000, step: 10, minutes: 1 }
const ada: Person = { id: 'person-1', name: 'Ada', role: 'bidder' }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('Auction', () => {
  it('takes the starting price, and then a step more than the highest bid', () => {
    const auction = new Auction(lot)
    expect([auction.highest, auction.minimum]).toEqual([undefined, 1000])
    const bid = auction.bid(ada, 1000)
    expect(bid).toEqual({ bidder: { id: 'person-1', name: 'Ada' }, amount: 1000, at: Date.now() })
    expect([auction.highest, auction.minimum]).toEqual([bid, 1010])
  })

  it('refuses less, and says how much it takes', () => {
    const auction = new Auction(lot)
    expect(() => auction.bid(ada, 999)).toThrow(new BidRefused('Bid €1,000 or more.'))
    auction.bid(ada, 2000)
    expect(() => auction.bid(ada, 2009)).toThrow('Bid €2,010 or more.')
    expect(auction.bids).toHaveLength(1)
  })

  it('keeps the last 20 bids, the highest first', () => {
    const auction = new Auction(lot)
    for (let amount = 1000; amount <= 1240; amount += 10) auction.bid(ada, amount)
    expect(auction.bids.map(({ amount }) => amount)).toEqual(
      Array.from({ length: 20 }, (_, index) => 1240 - index * 10),
    )
  })

  it('closes when its time is over', () => {
    const auction = new Auction(lot)
    vi.advanceTimersByTime(59_999)
    expect(auction.isOpen).toBe(true)
    vi.advanceTimersByTime(1)
    expect(auction.isOpen).toBe(false)
    expect(() => auction.bid(ada, 1000)).toThrow('The auction is closed.')
  })

  it('ends every countdown when it is closed before', () => {
    const auction = new Auction(lot)
    const seen: unknown[] = []
    auction.countdown.subscribe({ next: (seconds) => seen.push(seconds), complete: () => seen.push('over') })
    vi.advanceTimersByTime(1020)
    auction.close()
    auction.close()
    expect(auction.isOpen).toBe(false)
    expect(seen).toEqual([60, 59, 0, 'over'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has a countdown that is over for who comes late', () => {
    const auction = new Auction(lot)
    auction.close()
    const seen: unknown[] = []
    auction.countdown.subscribe({ next: (seconds) => seen.push(seconds), complete: () => seen.push('over') })
    expect(seen).toEqual([0, 'over'])
  })
})
