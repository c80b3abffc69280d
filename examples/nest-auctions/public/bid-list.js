import { formatPrice } from './format.js'
import { nameOf } from './sale.js'

const MAX_LINES = 20
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The latest bids, the highest first. */
export class BidList {
  #list = document.getElementById('bids')
  #empty = document.getElementById('no-bids')
  #template = document.getElementById('bid-template')
  #you

  reset({ you, bids }) {
    this.#you = you
    this.#list.replaceChildren(...bids.map((bid) => this.#item(bid)))
    this.#empty.hidden = bids.length > 0
  }

  add(bid) {
    this.#list.prepend(this.#item(bid))
    this.#list.children[MAX_LINES]?.remove()
    this.#empty.hidden = true
  }

  #item({ bidder, amount, at }) {
    const item = this.#template.content.cloneNode(true).firstElementChild
    item.classList.toggle('own', bidder.id === this.#you.id)
    item.querySelector('.amount').textContent = formatPrice(amount)
    item.querySelector('.bidder').textContent = nameOf(bidder, this.#you)
    const time = item.querySelector('time')
    time.dateTime = new Date(at).toISOString()
    time.textContent = clock.format(at)
    return item
  }
}
