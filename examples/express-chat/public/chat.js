import { MessageList } from './message-list.js'
import { Outbox } from './outbox.js'
import { PeopleList } from './people-list.js'
import { ReconnectingSocket } from './reconnecting-socket.js'
import { RoundTrip } from './round-trip.js'
import { openSidebar } from './sidebar.js'
import { TypingLine } from './typing-line.js'

const SIGNED_OUT = 4401

const room = location.pathname.split('/').at(-1)
const socket = new ReconnectingSocket(`${location.origin.replace(/^http/, 'ws')}/rooms/${room}`)
const messages = new MessageList()
const people = new PeopleList()
const outbox = new Outbox()
const typing = new TypingLine(document.getElementById('typing'), () => socket.send({ type: 'typing' }))
const roundTrip = new RoundTrip(socket, showRoundTrip)

const connection = document.getElementById('connection')
const composer = document.getElementById('composer')
const text = document.getElementById('text')
const problem = document.getElementById('problem')
let you

/** What the page does with each message of the server. */
const receive = {
  welcome({ you: user, people: present, history }) {
    you = user
    people.reset(you, present)
    messages.reset(you, history)
    for (const message of outbox.waiting) socket.send(message)
    showConnection('connected', 'Connected')
    roundTrip.start()
  },
  joined({ user }) {
    people.add(user)
    messages.notice(`${user.name} joined`)
  },
  left({ user }) {
    people.remove(user)
    typing.stopped(user)
    messages.notice(`${user.name} left`)
  },
  said(message) {
    if (message.from.id === you.id) outbox.settle(message.id)
    typing.stopped(message.from)
    messages.show(message)
  },
  typing({ user }) {
    if (user.id !== you.id) typing.started(user)
  },
  pong({ id }) {
    roundTrip.answered(id)
  },
  error({ message, id }) {
    problem.textContent = message
    const refused = outbox.settle(id)
    if (refused === undefined) return
    messages.removePending(id)
    text.value ||= refused.text
  },
}

socket.addEventListener('message', ({ detail }) => receive[detail.type]?.(detail))

socket.addEventListener('lost', async ({ detail: code }) => {
  roundTrip.stop()
  showConnection('reconnecting', 'Reconnecting…')
  if (code !== SIGNED_OUT && !(await isSignedOut())) return
  socket.stop()
  location.assign(`/sign-in?room=${room}`)
})

composer.addEventListener('submit', (event) => {
  event.preventDefault()
  // Before the first welcome nobody is there to say it: the text stays where it is.
  if (you === undefined || text.value.trim() === '') return
  const message = outbox.add(text.value.trim())
  messages.showPending(message)
  socket.send(message)
  typing.rest()
  text.value = ''
  problem.textContent = ''
  text.focus()
})

text.addEventListener('input', () => typing.report())

text.addEventListener('keydown', (event) => {
  // Enter also ends a word in an input method, such as one for Japanese: then it sends nothing.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  composer.requestSubmit()
})

window.addEventListener('online', () => socket.hurry())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') socket.hurry()
})

openSidebar(room)
socket.connect()
// Where there is no mouse, focus would open the keyboard over the messages.
if (matchMedia('(hover: hover)').matches) text.focus()

function showConnection(state, label) {
  connection.dataset.state = state
  document.getElementById('status').textContent = label
}

function showRoundTrip(milliseconds) {
  document.getElementById('round-trip').textContent = describeTime(milliseconds)
}

function describeTime(milliseconds) {
  if (milliseconds === undefined) return ''
  return milliseconds < 1 ? '< 1 ms' : `${Math.round(milliseconds)} ms`
}

/** A refused WebSocket looks to a page like a server that is down. This request tells the two apart. */
async function isSignedOut() {
  try {
    return (await fetch('/session')).status === 401
  } catch {
    return false
  }
}
