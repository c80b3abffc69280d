import { describe, expect, it } from 'vitest'
import type { Posted, User } from '../src/messages.ts'
import { Room, Rooms } from '../src/rooms.ts'

const ada: User = { id: 'user-1', name: 'Ada' }
const grace: User = { id: 'user-2', name: 'Grace' }

describe('Room', () => {
  it('lists who came in', () => {
    const room = new Room()
    expect(room.enter(ada)).toBe(true)
    expect(room.enter(grace)).toBe(true)
    expect(room.people).toEqual([ada, grace])
  })

  it('counts a user with two tabs as one person, who leaves with the last of them', () => {
    const room = new Room()
    room.enter(ada)
    expect(room.enter({ ...ada })).toBe(false)
    expect(room.people).toEqual([ada])
    expect(room.leave(ada)).toBe(false)
    expect(room.people).toEqual([ada])
    expect(room.leave(ada)).toBe(true)
    expect(room.people).toEqual([])
  })

  it('does not let anybody leave who is not there', () => {
    expect(new Room().leave(ada)).toBe(false)
  })

  it('keeps the last 50 messages', () => {
    const room = new Room()
    for (let count = 1; count <= 51; count++) room.keep(said(`message ${count}`))
    expect(room.history).toHaveLength(50)
    expect(room.history[0].text).toBe('message 2')
    expect(room.history[49].text).toBe('message 51')
  })

  it('knows a message that is sent again', () => {
    const room = new Room()
    expect(room.keep(said('Hello', { id: 'a-1' }))).toBe(true)
    expect(room.keep(said('Hello', { id: 'a-1' }))).toBe(false)
    expect(room.history).toHaveLength(1)
  })

  it('lets two users choose the same id for their messages', () => {
    const room = new Room()
    expect(room.keep(said('Hello', { id: 'a-1', from: ada }))).toBe(true)
    expect(room.keep(said('Hello', { id: 'a-1', from: grace }))).toBe(true)
  })
})

describe('Rooms', () => {
  it('gives everybody the same room for the same name', () => {
    const rooms = new Rooms()
    expect(rooms.at('lounge')).toBe(rooms.at('lounge'))
    expect(rooms.at('lounge')).not.toBe(rooms.at('kitchen'))
  })

  it('finds a person in any room, however the name is capitalised', () => {
    const rooms = new Rooms()
    rooms.at('lounge')
    rooms.at('kitchen').enter(ada)
    expect(rooms.hasPerson('ADA')).toBe(true)
    expect(rooms.hasPerson('Grace')).toBe(false)
  })

  it('forgets the empty room that was not visited for longest when more than 100 are empty', () => {
    const rooms = new Rooms()
    rooms.at('oldest').keep(said('Hello'))
    rooms.at('visited').keep(said('Hello'))
    rooms.at('lived-in').enter(ada)
    for (let count = 1; count <= 98; count++) rooms.at(`room-${count}`)
    rooms.at('visited')
    rooms.at('one-too-many')
    expect(rooms.at('oldest').history).toEqual([])
    expect(rooms.at('visited').history).toHaveLength(1)
    expect(rooms.at('lived-in').people).toEqual([ada])
  })
})

let lastId = 0

function said(text: string, { id = `id-${++lastId}`, from = ada }: Partial<Posted> = {}): Posted {
  return { id, from, text, at: 0 }
}
