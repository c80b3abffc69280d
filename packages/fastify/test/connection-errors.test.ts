import { once } from 'node:events'
import { watchEachTest } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import type { ErrorHandler } from '../src/index.ts'
import { closeOf, connect, createApp, createLoggingApp, nest } from './harness.ts'

watchEachTest()

/** Ways in which a handler fails, at once or later. */
const FAILURES: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('failed')
    },
  ],
  ['rejects', () => Promise.reject(new Error('failed'))],
]

/** An errorHandler, and what it was told. */
function recordErrors(act: ErrorHandler = () => {}): { errorHandler: ErrorHandler; told: string[] } {
  const told: string[] = []
  return {
    told,
    errorHandler(error, socket, request, reply) {
      told.push(`${error.message} ${request.url} ${reply.raw.statusCode}`)
      return act.call(this, error, socket, request, reply)
    },
  }
}

describe.each(FAILURES)('a handler that %s', (_how, fail) => {
  it('is logged once and cut off, where it is declared as for @fastify/websocket', async () => {
    const { app, lines } = await createLoggingApp()
    app.get('/', { websocket: true }, fail)
    const socket = await connect(app)
    expect(await closeOf(socket)).toBe('1006')
    const errors = lines.filter(({ level }) => level === 50)
    expect(errors).toMatchObject([{ reqId: 'req-1', err: { message: 'failed' } }])
  })

  it('is logged once and closed with 1011, where it is given to ws()', async () => {
    const { app, lines } = await createLoggingApp()
    app.ws('/', fail)
    const socket = await connect(app)
    expect(await closeOf(socket)).toBe('1011')
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ err: { message: 'failed' } }])
  })

  it('goes to the errorHandler while the connection is open', async () => {
    const { errorHandler, told } = recordErrors((error, socket) => {
      socket.send(`sorry: ${error.message}`)
      socket.close(4001)
    })
    const { app, lines } = await createLoggingApp({ errorHandler })
    app.get('/chat', { websocket: true }, fail)
    const socket = await connect(app, '/chat')
    const closed = closeOf(socket)
    expect(await socket.next()).toBe('sorry: failed')
    expect(await closed).toBe('4001')
    expect(told).toEqual(['failed /chat 101'])
    expect(lines.filter(({ level }) => level === 50)).toEqual([])
  })

  it('is closed with 1011 when the errorHandler leaves it open', async () => {
    const { errorHandler } = recordErrors(async () => {})
    const app = await createApp({ errorHandler })
    app.get('/', { websocket: true }, fail)
    expect(await closeOf(await connect(app))).toBe('1011')
  })

  it('does not run onError or setErrorHandler, which are for answers', async () => {
    const app = await createApp()
    const called: string[] = []
    app.addHook('onError', async () => void called.push('onError'))
    app.setErrorHandler(() => void called.push('errorHandler'))
    app.get('/', { websocket: true }, fail)
    await closeOf(await connect(app))
    expect(called).toEqual([])
  })
})

describe.each(FAILURES)('a message listener that %s', (_how, fail) => {
  it.each(['ws', 'get'] as const)('is logged once and closed with 1011, by app.%s()', async (method) => {
    const { app, lines } = await createLoggingApp()
    const handler = (socket: { on(event: 'message', listener: () => unknown): unknown }) => {
      socket.on('message', fail)
    }
    if (method === 'ws') app.ws('/', handler)
    else app.get('/', { websocket: true }, handler)
    const socket = await connect(app)
    socket.send('one')
    expect(await closeOf(socket)).toBe('1011')
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ err: { message: 'failed' } }])
  })

  it('goes to the errorHandler, once', async () => {
    const { errorHandler, told } = recordErrors()
    const app = await createApp({ errorHandler })
    app.get('/', { websocket: true }, (socket) => socket.on('message', fail))
    const socket = await connect(app)
    socket.send('one')
    await closeOf(socket)
    expect(told).toEqual(['failed / 101'])
  })
})

describe('an errorHandler', () => {
  it('is told what the peer did against the protocol', async () => {
    const seen: unknown[] = []
    const app = await createApp({
      maxPayload: 4,
      errorHandler: (error) => seen.push(Reflect.get(error, 'code')),
    })
    app.get('/', { websocket: true }, (socket) => socket.on('message', () => {}))
    const socket = await connect(app)
    socket.send('12345')
    expect(await closeOf(socket)).toBe('1009')
    expect(seen).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'])
  })

  it.each(FAILURES)('that %s itself is logged', async (_how, fail) => {
    const { app, lines } = await createLoggingApp({ errorHandler: fail as ErrorHandler })
    app.get('/', { websocket: true }, () => {
      throw new Error('first')
    })
    await closeOf(await connect(app))
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ err: { message: 'failed' } }])
  })

  it('is bound to the instance of the route', async () => {
    const prefixes: string[] = []
    const app = await createApp({
      errorHandler() {
        prefixes.push(this.prefix)
      },
    })
    await nest(
      app,
      async (inner) => {
        inner.get('/', { websocket: true }, () => {
          throw new Error('failed')
        })
      },
      { prefix: '/inner' },
    )
    await closeOf(await connect(app, '/inner'))
    expect(prefixes).toEqual(['/inner'])
  })
})

describe('hooks', () => {
  it('with one for errors keep them to themselves', async () => {
    const { errorHandler, told } = recordErrors()
    const { app, lines } = await createLoggingApp({ errorHandler })
    const seen: string[] = []
    app.ws('/', {
      message: FAILURES[0][1],
      error: (_socket, error) => void seen.push(error.message),
    })
    const socket = await connect(app)
    socket.send('one')
    expect(await closeOf(socket)).toBe('1011')
    expect({ seen, told }).toEqual({ seen: ['failed'], told: [] })
    expect(lines.filter(({ level }) => level === 50)).toEqual([])
  })

  it.each(FAILURES)('without one report what %s', async (_how, fail) => {
    const { errorHandler, told } = recordErrors()
    const app = await createApp({ errorHandler })
    app.ws('/', { message: fail })
    const socket = await connect(app)
    socket.send('one')
    await once(socket, 'close')
    expect(told).toEqual(['failed / 101'])
  })
})
