const SAY_AGAIN_AFTER = 2000
const FORGET_AFTER = 4000

/** Tells the others that we write, and shows who of them does. */
export class TypingLine {
  #element
  #tell
  #toldAt = Number.NEGATIVE_INFINITY
  #writers = new Map()

  constructor(element, tell) {
    this.#element = element
    this.#tell = tell
  }

  report() {
    if (performance.now() - this.#toldAt < SAY_AGAIN_AFTER) return
    this.#toldAt = performance.now()
    this.#tell()
  }

  /** What was being written is sent: the next letter is news. */
  rest() {
    this.#toldAt = Number.NEGATIVE_INFINITY
  }

  started(user) {
    clearTimeout(this.#writers.get(user.id)?.timer)
    const timer = setTimeout(() => this.stopped(user), FORGET_AFTER)
    this.#writers.set(user.id, { name: user.name, timer })
    this.#render()
  }

  stopped(user) {
    clearTimeout(this.#writers.get(user.id)?.timer)
    this.#writers.delete(user.id)
    this.#render()
  }

  #render() {
    this.#element.textContent = describe(Array.from(this.#writers.values(), ({ name }) => name))
  }
}

function describe(names) {
  if (names.length === 0) return ''
  if (names.length === 1) return `${names[0]} is typing…`
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`
  return 'Several people are typing…'
}
