import { defineHandler, type WebSocket } from '@upwire/core'
import type { Request } from 'express'
import { type Posted, parseMessage, type ServerMessage, type User } from './messages.ts'
import type { Room, Rooms } from './rooms.ts'

/** What a connection carries as `socket.data`. */
export interface Visit {
  readonly user: User
  readonly room: Room
  readonly topic: string
}

export interface Publisher {
  publish(topic: string, data: string): unknown
}

/** Close code for a user who has signed out: the page goes to sign in and does not come back by itself. */
export const SIGNED_OUT = 4401

/** What serves the WebSocket route of a room. */
export function chat(rooms: Rooms, everybody: Publisher) {
  return defineHandler<Visit, Request<{ room: string }>>({
    upgrade({ session, params }) {
      return { user: session.user!, room: rooms.at(params.room), topic: `rooms/${params.room}` }
    },

    open(socket) {
      const { user, room, topic } = socket.data
      socket.subscribe(topic)
      if (room.enter(user)) socket.publish(topic, encode({ type: 'joined', user }))
      send(socket, { type: 'welcome', you: user, people: room.people, history: room.history })
    },

    message(socket, data) {
      const { user, topic } = socket.data
      const message = parseMessage(data)
      switch (message.type) {
        case 'say':
          say(socket, { id: message.id, from: user, text: message.text, at: Date.now() })
          break
        case 'typing':
          socket.publish(topic, encode({ type: 'typing', user }))
          break
        case 'ping':
          send(socket, { type: 'pong', id: message.id })
          break
        case 'error':
          send(socket, message)
          break
      }
    },

    close(socket) {
      const { user, room, topic } = socket.data
      if (room.leave(user)) everybody.publish(topic, encode({ type: 'left', user }))
    },
  })

  function say(socket: WebSocket<Visit>, posted: Posted): void {
    const { room, topic } = socket.data
    const said = encode({ type: 'said', ...posted })
    // A page that lost its connection sends again what it saw no answer to: the others may have it already.
    if (room.keep(posted)) everybody.publish(topic, said)
    else socket.send(said)
  }
}

function send(socket: WebSocket<Visit>, message: ServerMessage): void {
  socket.send(encode(message))
}

function encode(message: ServerMessage): string {
  return JSON.stringify(message)
}
