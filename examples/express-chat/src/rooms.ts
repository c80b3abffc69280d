import type { Posted, User } from './messages.ts'

interface Presence {
  readonly user: User
  /** How many connections the user has to the room: one per tab. */
  connections: number
}

const MAX_HISTORY = 50
const MAX_EMPTY_ROOMS = 100

/** Who is in one room, and what was said there last. */
export class Room {
  readonly #presences = new Map<string, Presence>()
  readonly #history: Posted[] = []

  get people(): User[] {
    return Array.from(this.#presences.values(), ({ user }) => user)
  }

  get history(): readonly Posted[] {
    return this.#history
  }

  /** Counts one more connection of `user`. True for the first: the user came in. */
  enter(user: User): boolean {
    const presence = this.#presences.get(user.id)
    if (presence !== undefined) {
      presence.connections += 1
      return false
    }
    this.#presences.set(user.id, { user, connections: 1 })
    return true
  }

  /** Counts one connection of `user` less. True for the last: the user has left. */
  leave(user: User): boolean {
    const presence = this.#presences.get(user.id)
    if (presence === undefined) return false
    presence.connections -= 1
    return presence.connections === 0 && this.#presences.delete(user.id)
  }

  /** Keeps `message` for those who come later. False when the same user has sent it before. */
  keep(message: Posted): boolean {
    if (this.#history.some(({ id, from }) => id === message.id && from.id === message.from.id)) return false
    this.#history.push(message)
    if (this.#history.length > MAX_HISTORY) this.#history.shift()
    return true
  }
}

/** All rooms. One exists from the first visit on, and is forgotten when it is empty and too many others are. */
export class Rooms {
  readonly #rooms = new Map<string, Room>()

  /** The room of that name, made where there is none. */
  at(name: string): Room {
    const room = this.#rooms.get(name) ?? new Room()
    // Moved to the end on every visit: the first empty room is the one not visited for longest.
    this.#rooms.delete(name)
    this.#rooms.set(name, room)
    this.#forgetEmpty()
    return room
  }

  /** Whether somebody of that name is in any room, however it is capitalised. */
  hasPerson(name: string): boolean {
    const wanted = name.toLowerCase()
    return Array.from(this.#rooms.values()).some((room) =>
      room.people.some((user) => user.name.toLowerCase() === wanted),
    )
  }

  #forgetEmpty(): void {
    const empty = Array.from(this.#rooms).filter(([, room]) => room.people.length === 0)
    for (const [name] of empty.slice(0, -MAX_EMPTY_ROOMS)) this.#rooms.delete(name)
  }
}
