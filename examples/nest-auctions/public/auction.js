import { BidList } from './bid-list.js'
import { GatewayConnection } from './gateway-connection.js'
import { Sale } from './sale.js'

const id = location.pathname.split('/').at(-1)
const gateway = new GatewayConnection(`${location.origin.replace(/^http/, 'ws')}/auctions/${id}`)
const sale = new Sale()
const bids = new BidList()

const connection = document.getElementById('connection')
const form = document.getElementById('bid')
const amount = document.getElementById('amount')
const problem = document.getElementById('problem')
let yourId

/** What the page does with each event of the gateway. */
const on = {
  auction({ you, lot, ...rest }) {
    showLot(lot)
    yourId = you.id
    document.getElementById('you').textContent = you.name
    document.getElementById('picture').src = `/lots/${lot.id}.svg`
    sale.reset({ you, lot, ...rest })
    bids.reset({ you, ...rest })
    problem.textContent = ''
    showConnection('connected', 'Live')
    gateway.send('watch')
  },
  bid({ bid, minimum }) {
    sale.bid({ bid, minimum })
    bids.add(bid)
    if (bid.bidder.id === yourId) amount.value = ''
  },
  countdown: (seconds) => sale.countdown(seconds),
  closed: (winner) => sale.closed(winner),
  exception({ message }) {
    problem.textContent = message
    amount.ariaInvalid = 'true'
    amount.select()
  },
  async lost() {
    showConnection('reconnecting', 'Reconnecting…')
    // A refused WebSocket looks to a page like a server that is down. This request tells the two apart.
    await showAuctions()
  },
}

for (const [event, run] of Object.entries(on)) gateway.addEventListener(event, ({ detail }) => run(detail))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  problem.textContent = ''
  amount.ariaInvalid = 'false'
  // What is no number at all becomes null: what a bid may be, the server says.
  const isSent = gateway.send('bid', { amount: Number(amount.value) })
  if (!isSent) problem.textContent = 'There is no connection. Your bid was not sent.'
})

document.getElementById('close').addEventListener('click', () => gateway.send('close'))

window.addEventListener('online', () => gateway.hurry())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') gateway.hurry()
})

gateway.connect()
await showAuctions()

function showLot({ title, description }) {
  document.title = `${title} · Upwire auctions`
  document.getElementById('title').textContent = title
  document.getElementById('description').textContent = description
}

function showConnection(state, label) {
  connection.dataset.state = state
  connection.firstElementChild.textContent = label
}

/** Shows what there is to choose from; who is not signed in any more is sent to sign in. */
async function showAuctions() {
  const response = await fetch('/auctions').catch(() => undefined)
  if (response?.status === 401) location.assign(`/sign-in?auction=${id}`)
  if (!response?.ok) return
  const items = (await response.json()).map((auction) => {
    const link = document.createElement('a')
    link.href = `/auctions/${auction.id}`
    link.textContent = auction.title
    if (auction.id === id) link.ariaCurrent = 'page'
    const item = document.createElement('li')
    item.append(link)
    return item
  })
  document.getElementById('auctions').replaceChildren(...items)
}
