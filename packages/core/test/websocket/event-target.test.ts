import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  addEventListener,
  EVENT_TYPES,
  getAttribute,
  removeEventListener,
  setAttribute,
} from '../../src/websocket/event-target.ts'

let target: EventEmitter
let seen: unknown[]
const note = (event: object) => void seen.push(event)

beforeEach(() => {
  target = new EventEmitter()
  seen = []
})

describe('a DOM-style listener', () => {
  it("is given an 'open' event", () => {
    addEventListener(target, 'open', note)
    target.emit('open')
    expect(seen).toEqual([{ type: 'open', target }])
  })

  it("is given the data of a 'message' event, text as a string, and what a plugin made of it as it is", () => {
    const value = { a: 1 }
    addEventListener(target, 'message', note)
    const bytes = Buffer.from('0102', 'hex')
    target.emit('message', Buffer.from('€'), false)
    target.emit('message', bytes, true)
    target.emit('message', value, false)
    expect(seen).toEqual([
      { type: 'message', target, data: '€' },
      { type: 'message', target, data: bytes },
      { type: 'message', target, data: value },
    ])
  })

  it.each([
    [1000, true],
    [1005, true],
    [4000, true],
    [1006, false],
  ])("is told by a 'close' event with code %i whether it was clean: %s", (code, wasClean) => {
    addEventListener(target, 'close', note)
    target.emit('close', code, Buffer.from('bye'))
    expect(seen).toEqual([{ type: 'close', target, code, reason: 'bye', wasClean }])
  })

  it("is given the error of an 'error' event and its message", () => {
    addEventListener(target, 'error', note)
    const error = new Error('broken')
    target.emit('error', error)
    expect(seen).toEqual([{ type: 'error', target, error, message: 'broken' }])
  })

  it('is called on the socket where it is a function', () => {
    let self: unknown
    addEventListener(target, 'open', function (this: unknown) {
      self = this
    })
    target.emit('open')
    expect(self).toBe(target)
  })

  it('may be an object with handleEvent, which is called on it', () => {
    const listener = {
      handleEvent(this: unknown, event: object) {
        seen.push(this, event)
      },
    }
    addEventListener(target, 'open', listener)
    target.emit('open')
    expect(seen).toEqual([listener, { type: 'open', target }])
  })

  it('is heard once where it asks for that', () => {
    addEventListener(target, 'open', note, { once: true })
    target.emit('open')
    target.emit('open')
    expect(seen).toHaveLength(1)
    expect(target.listenerCount('open')).toBe(0)
  })

  it('is added once, however often it is given', () => {
    addEventListener(target, 'open', note)
    addEventListener(target, 'open', note, { once: true })
    addEventListener(target, 'close', note)
    expect([target.listenerCount('open'), target.listenerCount('close')]).toEqual([1, 1])
  })

  it('can be added again after it was removed or called once', () => {
    addEventListener(target, 'open', note, { once: true })
    target.emit('open')
    addEventListener(target, 'open', note)
    removeEventListener(target, 'open', note)
    addEventListener(target, 'open', note)
    target.emit('open')
    expect(seen).toHaveLength(2)
  })

  it.each(['ping', 'drain', 'newListener', '', 'constructor'])('is ignored for the type %j', (type) => {
    addEventListener(target, type, note)
    expect(target.eventNames()).toEqual([])
  })

  it('gives its result to the emitter, which takes care of a rejection', async () => {
    const capturing = new EventEmitter({ captureRejections: true })
    addEventListener(capturing, 'open', () => Promise.reject(new Error('rejected')))
    const error = new Promise((resolve) => capturing.on('error', resolve))
    capturing.emit('open')
    expect(await error).toEqual(new Error('rejected'))
  })
})

describe('removing a DOM-style listener', () => {
  it('removes that one and no other', () => {
    const other = vi.fn()
    addEventListener(target, 'open', note)
    addEventListener(target, 'open', other)
    removeEventListener(target, 'open', note)
    target.emit('open')
    expect([seen.length, other.mock.calls.length]).toEqual([0, 1])
  })

  it('removes one that was to be heard once', () => {
    addEventListener(target, 'open', note, { once: true })
    removeEventListener(target, 'open', note)
    expect(target.listenerCount('open')).toBe(0)
  })

  it('leaves alone what was added in another way, and what never was', () => {
    target.on('open', note)
    setAttribute(target, 'open', note)
    removeEventListener(target, 'open', note)
    removeEventListener(target, 'close', note)
    removeEventListener(target, 'ping', note)
    expect(target.listenerCount('open')).toBe(2)
  })
})

describe.each(EVENT_TYPES)('the attribute on%s', (type) => {
  const other = () => {}

  it('is null, then what it was set to', () => {
    expect(getAttribute(target, type)).toBeNull()
    setAttribute(target, type, note)
    expect(getAttribute(target, type)).toBe(note)
    expect(target.listenerCount(type)).toBe(1)
  })

  it('is replaced, and only it', () => {
    addEventListener(target, type, other)
    setAttribute(target, type, note)
    setAttribute(target, type, other)
    expect(getAttribute(target, type)).toBe(other)
    expect(target.listenerCount(type)).toBe(2)
  })

  it.each([null, undefined, 1, 'note', {}, { handleEvent: note }])('is cleared by %j', (value) => {
    setAttribute(target, type, note)
    setAttribute(target, type, value)
    expect(getAttribute(target, type)).toBeNull()
    expect(target.listenerCount(type)).toBe(0)
  })

  it('is not what a listener of another kind is', () => {
    target.on(type, note)
    addEventListener(target, type, note)
    expect(getAttribute(target, type)).toBeNull()
  })
})
