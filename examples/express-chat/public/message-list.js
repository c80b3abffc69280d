import { paintAvatar } from './avatar.js'

const MAX_LINES = 1000
const NEAR_THE_END = 80
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/**
 * What was said, and who came and went. What the server does not have yet stays last. The list follows its newest line
 * unless the reader has scrolled up.
 */
export class MessageList {
  #log = document.getElementById('log')
  #list = document.getElementById('messages')
  #toLatest = document.getElementById('to-latest')
  #messageTemplate = document.getElementById('message-template')
  #noticeTemplate = document.getElementById('notice-template')
  #messages = new Map()
  #you

  constructor() {
    this.#toLatest.addEventListener('click', () => this.#scrollToEnd())
    this.#log.addEventListener('scroll', () => {
      if (this.#isNearEnd()) this.#toLatest.hidden = true
    })
  }

  /** On a first connection the history is what was said before, on a later one it brings what was missed. */
  reset(you, history) {
    this.#you = you
    for (const message of history) this.show(message)
  }

  /** Shows a message that the server has. */
  show(message) {
    const shown = this.#messages.get(keyOf(message))
    if (shown !== undefined) shown.classList.remove('pending')
    else this.#insert(this.#messageItem(message))
  }

  /** Shows a message that is on its way to the server. */
  showPending({ id, text }) {
    const item = this.#messageItem({ id, from: this.#you, text, at: Date.now() })
    item.classList.add('pending')
    this.#insert(item)
    this.#scrollToEnd()
  }

  /** Takes away a message that the server refused. */
  removePending(id) {
    const key = keyOf({ id, from: this.#you })
    this.#messages.get(key)?.remove()
    this.#messages.delete(key)
  }

  notice(text) {
    const item = this.#noticeTemplate.content.firstElementChild.cloneNode(true)
    item.textContent = text
    this.#insert(item)
  }

  #messageItem(message) {
    const { from, text, at } = message
    const said = new Date(at)
    const item = this.#messageTemplate.content.firstElementChild.cloneNode(true)
    item.dataset.key = keyOf(message)
    item.dataset.from = from.id
    item.classList.toggle('own', from.id === this.#you.id)
    paintAvatar(item.querySelector('.avatar'), from)
    item.querySelector('.name').textContent = from.name
    item.querySelector('.text').textContent = text
    const time = item.querySelector('time')
    time.dateTime = said.toISOString()
    time.textContent = clock.format(said)
    this.#messages.set(item.dataset.key, item)
    return item
  }

  #insert(item) {
    const follows = this.#isNearEnd()
    const isPending = item.classList.contains('pending')
    this.#list.insertBefore(item, isPending ? null : this.#list.querySelector('.pending'))
    continueGroup(item)
    continueGroup(item.nextElementSibling)
    if (this.#list.childElementCount > MAX_LINES) this.#removeOldest()
    if (follows) this.#scrollToEnd()
    else this.#toLatest.hidden = false
  }

  #removeOldest() {
    const oldest = this.#list.firstElementChild
    this.#messages.delete(oldest.dataset.key)
    oldest.remove()
  }

  #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END
  }

  #scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight
    this.#toLatest.hidden = true
  }
}

/** Ids are made by pages: only together with the author they name one message. */
function keyOf({ from, id }) {
  return `${from.id} ${id}`
}

/** Messages of one person in a row show the name once. */
function continueGroup(item) {
  const before = item?.previousElementSibling
  const from = item?.dataset.from
  item?.classList.toggle('continued', from !== undefined && from === before?.dataset.from)
}
