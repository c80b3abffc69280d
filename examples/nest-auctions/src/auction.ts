import { BehaviorSubject, type Observable, switchMap, takeWhile } from 'rxjs'
import { countdownTo } from './countdown.ts'
import type { Lot } from './lots.ts'
import type { Person } from './person.ts'

const MINUTE = 60_000
/** How many bids are kept for those who come later. */
const MAX_HISTORY = 20

const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 })

export interface Bid {
  readonly bidder: Pick<Person, 'id' | 'name'>
  /** In whole euros. */
  readonly amount: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Why a bid does not count. */
export class BidRefused extends Error {}

/** One lot under the hammer. It closes when its time is over, or at the auctioneer's word. */
export class Auction {
  readonly lot: Lot
  readonly #closesAt: BehaviorSubject<number>
  /** The highest first. */
  readonly #bids: Bid[] = []

  constructor(lot: Lot) {
    this.lot = lot
    this.#closesAt = new BehaviorSubject(Date.now() + lot.minutes * MINUTE)
  }

  get isOpen(): boolean {
    return Date.now() < this.#closesAt.value
  }

  get bids(): readonly Bid[] {
    return this.#bids
  }

  get highest(): Bid | undefined {
    return this.#bids.at(0)
  }

  /** What the next bid has to be at least. */
  get minimum(): number {
    return this.highest ? this.highest.amount + this.lot.step : this.lot.startingPrice
  }

  /** The seconds that are left, each second. It completes when the auction has closed. */
  get countdown(): Observable<number> {
    return this.#closesAt.pipe(
      switchMap(countdownTo),
      takeWhile((seconds) => seconds > 0, true),
    )
  }

  /** Makes this the highest bid. Throws `BidRefused`. */
  bid({ id, name }: Person, amount: number): Bid {
    if (!this.isOpen) throw new BidRefused('The auction is closed.')
    if (amount < this.minimum) throw new BidRefused(`Bid ${euros.format(this.minimum)} or more.`)
    const bid = { bidder: { id, name }, amount, at: Date.now() }
    this.#bids.unshift(bid)
    this.#bids.splice(MAX_HISTORY)
    return bid
  }

  /** Closes it now. Does nothing when it is closed. */
  close(): void {
    if (this.isOpen) this.#closesAt.next(Date.now())
  }
}
