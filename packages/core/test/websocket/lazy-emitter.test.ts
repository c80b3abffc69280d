import { EventEmitter, errorMonitor, getEventListeners, on, once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { LazyEmitter, LISTENER_ADDED } from '../../src/websocket/lazy-emitter.ts'
import { turns } from '../support/turns.ts'

class Lazy extends (LazyEmitter as new () => EventEmitter) {}

const noop = () => {}

/** The documented methods, asked of an emitter that never had a listener. */
const QUESTIONS: [name: string, ask: (emitter: EventEmitter) => unknown][] = [
  ['emit', (emitter) => emitter.emit('ping', 1)],
  ['listenerCount', (emitter) => emitter.listenerCount('ping')],
  ['listenerCount of one listener', (emitter) => emitter.listenerCount('ping', noop)],
  ['listeners', (emitter) => emitter.listeners('ping')],
  ['rawListeners', (emitter) => emitter.rawListeners('ping')],
  ['eventNames', (emitter) => emitter.eventNames()],
  ['off', (emitter) => emitter.off('ping', noop) === emitter],
  ['removeListener', (emitter) => emitter.removeListener('ping', noop) === emitter],
  ['removeAllListeners', (emitter) => emitter.removeAllListeners() === emitter],
  ['removeAllListeners of one event', (emitter) => emitter.removeAllListeners('ping') === emitter],
  ['getMaxListeners', (emitter) => emitter.getMaxListeners()],
  ['setMaxListeners', (emitter) => emitter.setMaxListeners(3).getMaxListeners()],
  ['events.getEventListeners', (emitter) => getEventListeners(emitter, 'ping')],
]

/** Uses of listeners, each giving what was seen. */
const USES: [name: string, use: (emitter: EventEmitter) => unknown][] = [
  [
    'on and off',
    (emitter) => {
      const seen: unknown[] = []
      const listener = (...args: unknown[]) => seen.push(args)
      emitter.on('ping', listener).emit('ping', 1)
      emitter.off('ping', listener).emit('ping', 2)
      return seen
    },
  ],
  [
    'once, which is over after one event',
    (emitter) => {
      const seen: unknown[] = []
      emitter.once('ping', (value) => seen.push(value))
      return [emitter.emit('ping', 1), emitter.emit('ping', 2), seen, emitter.listenerCount('ping')]
    },
  ],
  [
    'the order of addListener, prependListener and prependOnceListener',
    (emitter) => {
      const seen: string[] = []
      emitter.addListener('pong', () => seen.push('second'))
      emitter.prependListener('pong', () => seen.push('first'))
      emitter.prependOnceListener('pong', () => seen.push('once'))
      emitter.emit('pong')
      emitter.emit('pong')
      return seen
    },
  ],
  [
    "'newListener' and 'removeListener'",
    (emitter) => {
      const seen: unknown[] = []
      emitter.on('newListener', (name) => seen.push(['new', name]))
      emitter.on('removeListener', (name) => seen.push(['gone', name]))
      emitter.once('ping', noop)
      emitter.emit('ping', 1)
      return seen
    },
  ],
  [
    'listeners that know their emitter',
    (emitter) => {
      let self: unknown
      emitter.on('pong', function (this: unknown) {
        self = this
      })
      emitter.emit('pong')
      return self === emitter
    },
  ],
  [
    'errorMonitor, and an error that nobody takes',
    (emitter) => {
      const seen: unknown[] = []
      emitter.on(errorMonitor, (error) => seen.push(error.message))
      expect(() => emitter.emit('error', new Error('thrown'))).toThrow('thrown')
      return seen
    },
  ],
  [
    'setMaxListeners before the first listener',
    (emitter) => emitter.setMaxListeners(3).on('ping', noop).getMaxListeners(),
  ],
  [
    'eventNames and rawListeners',
    (emitter) => {
      emitter.on('ping', noop).once('pong', noop)
      return [emitter.eventNames(), emitter.rawListeners('pong').length, emitter.listeners('pong')]
    },
  ],
  [
    'removeAllListeners',
    (emitter) => {
      emitter.on('ping', noop).on('pong', noop).removeAllListeners('ping')
      const left = emitter.eventNames()
      emitter.removeAllListeners()
      return [left, emitter.eventNames(), emitter.emit('pong')]
    },
  ],
]

describe('a lazy emitter', () => {
  it('is an EventEmitter', () => {
    expect(new Lazy()).toBeInstanceOf(EventEmitter)
  })

  it('has nothing of its own before its first listener', () => {
    expect(Reflect.ownKeys(new Lazy())).toEqual([])
  })

  it.each(QUESTIONS)('without a listener answers as any emitter: %s', (_name, ask) => {
    expect(ask(new Lazy())).toEqual(ask(new EventEmitter()))
  })

  it.each(USES)('works as any emitter: %s', (_name, use) => {
    expect(use(new Lazy())).toEqual(use(new EventEmitter({ captureRejections: true })))
  })

  it('throws an error event that nobody takes', () => {
    expect(() => new Lazy().emit('error', new Error('unheard'))).toThrow('unheard')
  })

  it('can be awaited with events.once and events.on', async () => {
    const emitter = new Lazy()
    const event = once(emitter, 'ping')
    const events = on(emitter, 'ping')
    emitter.emit('ping', 1)
    expect(await event).toEqual([1])
    expect((await events.next()).value).toEqual([1])
    await events.return?.()
    expect(emitter.listenerCount('ping')).toBe(0)
  })

  it('keeps its listeners when more are added', () => {
    const emitter = new Lazy()
    const first = () => {}
    emitter.on('ping', noop).prependListener('ping', first).addListener('ping', first)
    expect(emitter.listeners('ping')).toEqual([first, noop, first])
  })

  it('says when a listener was added, in whatever way', () => {
    const added: unknown[] = []
    class Told extends LazyEmitter<{ ping: []; pong: [] }> {
      override [LISTENER_ADDED](event: string | symbol): void {
        added.push(event)
      }
    }
    new Told().on('ping', noop).once('pong', noop).prependOnceListener('ping', noop).off('ping', noop)
    expect(added).toEqual(['ping', 'pong', 'ping'])
  })
})

describe('an async listener that rejects', () => {
  it("has its error emitted as 'error'", async () => {
    const emitter = new Lazy()
    const error = once(emitter, 'error')
    emitter.on('pong', async () => {
      throw new Error('rejected')
    })
    emitter.emit('pong')
    expect((await error)[0].message).toBe('rejected')
  })

  it('has its error handed to the method of captureRejectionSymbol', async () => {
    const captured: unknown[] = []
    class Capturing extends Lazy {
      override [EventEmitter.captureRejectionSymbol](error: Error, event: string): void {
        captured.push([error.message, event])
      }
    }
    const emitter = new Capturing()
    emitter.on('pong', async () => {
      throw new Error('rejected')
    })
    emitter.emit('pong')
    await turns()
    expect(captured).toEqual([['rejected', 'pong']])
  })
})
