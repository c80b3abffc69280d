import { close } from '@upwire/testkit'
import { finalize } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { Auctions } from '../src/auctions.ts'
import { PASSWORD, startAuctions } from './running-auctions.ts'

const person = (name: string) => ({ id: expect.any(String), name })

describe('who joins', () => {
  it('is told who they are, the lot and its bids', async () => {
    const auctions = await startAuctions()
    const { visitor, auction: before } = await auctions.join(await auctions.signIn('Ada'))
    expect(before).toEqual({
      event: 'auction',
      data: {
        you: { ...person('Ada'), role: 'bidder' },
        lot: expect.objectContaining({ id: 'lamp', startingPrice: 120, step: 10 }),
        bids: [],
        minimum: 120,
      },
    })
    visitor.send('bid', { amount: 200 })
    await visitor.next()
    const { auction: after } = await auctions.join(await auctions.signIn('Grace'))
    expect(after.data).toMatchObject({ bids: [{ bidder: person('Ada'), amount: 200 }], minimum: 210 })
  })
})

describe('a bid', () => {
  it('is told to everybody in the room, the bidder among them, and to nobody elsewhere', async () => {
    const auctions = await startAuctions()
    const { visitor: ada } = await auctions.join(await auctions.signIn('Ada'))
    const { visitor: grace } = await auctions.join(await auctions.signIn('Grace'))
    const { visitor: zoe } = await auctions.join(await auctions.signIn('Zoe'), 'radio')
    ada.send('bid', { amount: 120 })
    const bid = { bidder: person('Ada'), amount: 120, at: expect.any(Number) }
    expect(await ada.next()).toEqual({ event: 'bid', data: { bid, minimum: 130 } })
    expect(await grace.next()).toEqual({ event: 'bid', data: { bid, minimum: 130 } })
    zoe.send('bid', { amount: 40 })
    expect(await zoe.next()).toMatchObject({ event: 'bid', data: { bid: { bidder: person('Zoe') } } })
  })

  it.each([
    [{ amount: -5 }, 'A bid is more than nothing.'],
    [{ amount: 'much' }, 'A bid is a whole number of euros.'],
    [{ amount: 119 }, 'Bid €120 or more.'],
    [undefined, 'A bid is a whole number of euros.'],
  ])('of %j is answered with an exception, to the bidder alone', async (data, message) => {
    const auctions = await startAuctions()
    const { visitor: ada } = await auctions.join(await auctions.signIn('Ada'))
    const { visitor: grace } = await auctions.join(await auctions.signIn('Grace'))
    ada.send('bid', data)
    expect(await ada.next()).toMatchObject({ event: 'exception', data: { status: 'error', message } })
    ada.send('bid', { amount: 120 })
    expect(await grace.next()).toMatchObject({ event: 'bid', data: { bid: { amount: 120 } } })
  })
})

describe('the countdown', () => {
  it('comes each second, and once for a connection', async () => {
    const auctions = await startAuctions()
    const { visitor } = await auctions.join(await auctions.signIn('Ada'))
    visitor.send('watch')
    expect(await visitor.next()).toEqual({ event: 'countdown', data: 1800 })
    visitor.send('watch')
    expect(await visitor.next()).toMatchObject({
      event: 'exception',
      data: { message: 'The countdown is on its way already.' },
    })
    expect(await visitor.next()).toEqual({ event: 'countdown', data: 1799 })
  })

  it('is unsubscribed when the connection closes', async () => {
    const auctions = await startAuctions()
    const auction = auctions.app.get(Auctions).transform('lamp')
    const unsubscribed = vi.fn()
    const { countdown } = auction
    vi.spyOn(auction, 'countdown', 'get').mockReturnValue(countdown.pipe(finalize(unsubscribed)))
    const { visitor } = await auctions.join(await auctions.signIn('Ada'))
    visitor.send('watch')
    await visitor.next()
    expect(unsubscribed).not.toHaveBeenCalled()
    visitor.client.write(close(1000))
    await visitor.client.nextClose()
    await vi.waitFor(() => expect(unsubscribed).toHaveBeenCalledOnce())
  })
})

describe('closing', () => {
  it('is for the auctioneer, and tells who watches which bid has won', async () => {
    const auctions = await startAuctions()
    const { visitor: ada } = await auctions.join(await auctions.signIn('Ada'))
    ada.send('bid', { amount: 120 })
    await ada.next()
    ada.send('watch')
    await ada.next()
    const { visitor: auctioneer } = await auctions.join(await auctions.signIn('Grace', PASSWORD))
    auctioneer.send('close')
    expect(await ada.next()).toEqual({ event: 'countdown', data: 0 })
    expect(await ada.next()).toMatchObject({
      event: 'closed',
      data: { bidder: person('Ada'), amount: 120 },
    })
    ada.send('bid', { amount: 500 })
    expect(await ada.next()).toMatchObject({
      event: 'exception',
      data: { message: 'The auction is closed.' },
    })
  })

  it('is not for bidders', async () => {
    const auctions = await startAuctions()
    const { visitor } = await auctions.join(await auctions.signIn('Ada'))
    visitor.send('close')
    expect(await visitor.next()).toMatchObject({
      event: 'exception',
      data: { message: 'Only the auctioneer can do that.' },
    })
    expect(auctions.app.get(Auctions).transform('lamp').isOpen).toBe(true)
  })

  it('has no winner where nobody has bid', async () => {
    const auctions = await startAuctions()
    const { visitor } = await auctions.join(await auctions.signIn('Grace', PASSWORD))
    visitor.send('close')
    visitor.send('watch')
    expect(await visitor.next()).toEqual({ event: 'countdown', data: 0 })
    expect(await visitor.next()).toEqual({ event: 'closed', data: null })
  })
})
