const page = Math.random().toString(36).slice(2)
let count = 0

/** An id that no other message of the same user has, in this tab or another. */
export function nextId() {
  count += 1
  return `${page}-${count}`
}

/** What the user has written and the server has not answered yet, in order. It is sent again on each new connection. */
export class Outbox {
  #waiting = new Map()

  add(text) {
    const message = { type: 'say', id: nextId(), text }
    this.#waiting.set(message.id, message)
    return message
  }

  /** Takes out what the server has, or will not take. */
  settle(id) {
    const message = this.#waiting.get(id)
    this.#waiting.delete(id)
    return message
  }

  get waiting() {
    return [...this.#waiting.values()]
  }
}
