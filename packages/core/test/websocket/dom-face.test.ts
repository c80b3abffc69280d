import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { DomFace, defineDomFace } from '../../src/websocket/dom-face.ts'

class Socket extends EventEmitter {
  get url() {
    return 'ws://a'
  }
}

/** Every property of a browser's WebSocket, that a class may not have. */
for (const name of ['binaryType', 'bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState']) {
  Object.defineProperty(Socket.prototype, name, { configurable: true, get: () => name })
}
defineDomFace(Socket, { OPEN: 1 })

describe('the DOM face of a class', () => {
  it('has constants on the class and its sockets, listed and for ever', () => {
    const constant = { configurable: false, enumerable: true, value: 1, writable: false }
    expect(Object.getOwnPropertyDescriptor(Socket, 'OPEN')).toEqual(constant)
    expect(Object.getOwnPropertyDescriptor(Socket.prototype, 'OPEN')).toEqual(constant)
  })

  it('has its getters listed', () => {
    expect(Object.getOwnPropertyDescriptor(Socket.prototype, 'url')).toMatchObject({ enumerable: true })
  })

  it.each(['open', 'message', 'close', 'error'])('has an attribute on%s, which can be set', (type) => {
    const socket: Socket & Record<string, unknown> = Object.assign(new Socket())
    const listener = vi.fn()
    expect(socket[`on${type}`]).toBeNull()
    socket[`on${type}`] = listener
    socket.emit(type, new Error('e'), Buffer.alloc(0))
    expect([socket[`on${type}`], listener.mock.calls.length]).toEqual([listener, 1])
  })
})

describe('a class with a DOM face', () => {
  class Face extends DomFace<Face> {}

  it('adds and removes listeners of the DOM', () => {
    const face = new Face()
    const listener = vi.fn()
    face.addEventListener('open', listener, { once: true })
    face.emit('open')
    face.emit('open')
    face.addEventListener('open', listener)
    face.removeEventListener('open', listener)
    face.emit('open')
    expect(listener.mock.calls).toEqual([[{ type: 'open', target: face }]])
  })
})
