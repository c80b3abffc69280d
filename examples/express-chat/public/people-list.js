import { paintAvatar } from './avatar.js'

/** Who is in the room, in alphabetical order, oneself first. */
export class PeopleList {
  #list = document.getElementById('people')
  #count = document.getElementById('count')
  #template = document.getElementById('person-template')
  #people = new Map()
  #you

  reset(you, people) {
    this.#you = you
    this.#people = new Map(people.map((user) => [user.id, user]))
    this.#render()
  }

  add(user) {
    this.#people.set(user.id, user)
    this.#render()
  }

  remove(user) {
    this.#people.delete(user.id)
    this.#render()
  }

  #render() {
    const others = [...this.#people.values()].filter(({ id }) => id !== this.#you.id)
    others.sort((a, b) => a.name.localeCompare(b.name))
    this.#list.replaceChildren(...[this.#you, ...others].map((user) => this.#item(user)))
    this.#count.textContent = this.#people.size
  }

  #item(user) {
    const item = this.#template.content.cloneNode(true)
    paintAvatar(item.querySelector('.avatar'), user)
    item.querySelector('.name').textContent = user.id === this.#you.id ? `${user.name} (you)` : user.name
    return item
  }
}
