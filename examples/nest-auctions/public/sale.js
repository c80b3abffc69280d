import { formatPrice, formatSeconds } from './format.js'

const WARNING = 60

/** The price, the clock, and what may be done about them. */
export class Sale {
  #price = document.getElementById('price')
  #priceTitle = document.getElementById('price-title')
  #leader = document.getElementById('leader')
  #countdownTitle = document.getElementById('countdown-title')
  #countdown = document.getElementById('countdown')
  #outcome = document.getElementById('outcome')
  #form = document.getElementById('bid')
  #hint = document.getElementById('hint')
  #close = document.getElementById('close')
  #you

  /** As the server has it: it may have started anew since the last time. */
  reset({ you, lot, bids, minimum }) {
    this.#you = you
    this.#outcome.hidden = true
    this.#form.hidden = false
    this.#close.hidden = you.role !== 'auctioneer'
    this.#priceTitle.textContent = bids.length > 0 ? 'Highest bid' : 'Starting price'
    this.#price.textContent = formatPrice(lot.startingPrice)
    this.#leader.textContent = ''
    this.#countdownTitle.textContent = 'Closes in'
    this.#showMinimum(minimum)
    if (bids.length > 0) this.bid({ bid: bids[0], minimum })
  }

  bid({ bid, minimum }) {
    this.#priceTitle.textContent = 'Highest bid'
    this.#price.textContent = formatPrice(bid.amount)
    this.#leader.textContent = `by ${nameOf(bid.bidder, this.#you)}`
    this.#leader.classList.toggle('own', bid.bidder.id === this.#you.id)
    this.#showMinimum(minimum)
  }

  countdown(seconds) {
    this.#countdown.textContent = formatSeconds(seconds)
    this.#countdown.classList.toggle('soon', seconds <= WARNING)
  }

  closed(winner) {
    this.#form.hidden = true
    this.#close.hidden = true
    this.#outcome.hidden = false
    this.#countdownTitle.textContent = 'Closed'
    this.#outcome.textContent = this.#describe(winner)
  }

  #describe(winner) {
    if (winner === null) return 'Closed. Nobody has bid.'
    return `Sold to ${nameOf(winner.bidder, this.#you)} for ${formatPrice(winner.amount)}.`
  }

  #showMinimum(minimum) {
    this.#hint.textContent = `${formatPrice(minimum)} or more`
  }
}

/** Names are not unique: two people may be called Ada, and only one of them is you. */
export function nameOf(bidder, you) {
  return bidder.id === you.id ? 'you' : bidder.name
}
