import { DeviceCard } from './device-card.js'
import { ReconnectingSocket } from './reconnecting-socket.js'
import { ServerClock } from './server-clock.js'

const SIGNED_OUT = 4401

const socket = new ReconnectingSocket(`${location.origin.replace(/^http/, 'ws')}/live`)
const clock = new ServerClock()
const cards = new Map()
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

const connection = document.getElementById('connection')
const pause = document.getElementById('pause')

/** What the page does with each message of the server. */
const receive = {
  welcome({ you, now, series }) {
    clock.set(now)
    document.getElementById('you').textContent = you.name
    for (const [id] of cards) removeCard(id)
    for (const one of series) addCard(one)
    showConnection('connected', 'Connected')
    showNumbers()
  },
  reading({ device, reading }) {
    const card = cards.get(device.id) ?? addCard({ device, readings: [] })
    card.add(reading)
    if (!clock.isRunning) return
    card.showNumbers(clock.now())
    card.draw(clock.now())
  },
}

socket.addEventListener('message', ({ detail }) => receive[detail.type]?.(detail))

socket.addEventListener('lost', async ({ detail: code }) => {
  showConnection('reconnecting', 'Reconnecting…')
  if (code !== SIGNED_OUT && !(await isSignedOut())) return
  socket.stop()
  location.assign('/sign-in')
})

pause.addEventListener('click', () => {
  if (clock.isRunning) clock.stop()
  else clock.run()
  pause.setAttribute('aria-pressed', String(!clock.isRunning))
  showNumbers()
})

window.addEventListener('online', () => socket.hurry())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') socket.hurry()
})

socket.connect()
setInterval(showNumbers, 1000)
requestAnimationFrame(scroll)

/** Moves the charts on between readings, for who likes motion. */
function scroll() {
  if (clock.isRunning && !reducedMotion.matches) for (const card of cards.values()) card.draw(clock.now())
  requestAnimationFrame(scroll)
}

function showNumbers() {
  if (cards.size === 0) return
  const now = clock.now()
  for (const card of cards.values()) card.showNumbers(now)
  const reporting = [...cards.values()].filter((card) => !card.isSilent(now)).length
  const overview = document.getElementById('overview')
  const text = describe(reporting, cards.size)
  if (overview.textContent !== text) overview.textContent = text
}

function describe(reporting, all) {
  const devices = `${all} ${all === 1 ? 'device' : 'devices'}`
  return reporting === all ? `${devices} reporting` : `${reporting} of ${devices} reporting`
}

function addCard(series) {
  const card = new DeviceCard(series, () => clock.now())
  cards.set(series.device.id, card)
  const next = [...cards.values()].filter(({ name }) => name.localeCompare(card.name) > 0)
  next.sort((a, b) => a.name.localeCompare(b.name))
  document.getElementById('cards').insertBefore(card.element, next[0]?.element ?? null)
  return card
}

function removeCard(id) {
  cards.get(id).element.remove()
  cards.delete(id)
}

function showConnection(state, label) {
  connection.dataset.state = state
  document.getElementById('status').textContent = label
}

/** A refused WebSocket looks to a page like a server that is down. This request tells the two apart. */
async function isSignedOut() {
  try {
    return (await fetch('/session')).status === 401
  } catch {
    return false
  }
}
