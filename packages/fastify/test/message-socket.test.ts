import { once } from 'node:events'
import type { FastifySchemaCompiler } from 'fastify'
import { describe, expect, it } from 'vitest'
import { closeOf, connect, createApp, createLoggingApp } from './harness.ts'

const ANY = {}

/** Long enough for a message that came behind to overtake. */
async function laterTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a socket that speaks a schema', () => {
  it('sends text and bytes as they are, and other values as JSON', async () => {
    const app = await createApp()
    app.get('/', { websocket: true, schema: { message: ANY } }, (socket) => {
      for (const data of ['text', Buffer.from([1]), { a: 1 }, [2]]) socket.send(data as string)
    })
    const socket = await connect(app)
    const received = [await socket.next(), await socket.next(), await socket.next(), await socket.next()]
    expect(received).toEqual(['text', Buffer.from([1]), '{"a":1}', '[2]'])
  })

  it('keeps the order of messages while a validator takes its time', async () => {
    const app = await createApp()
    app.setValidatorCompiler((() => async (value: unknown) => {
      if (value === 1) await laterTurns()
    }) as unknown as FastifySchemaCompiler<unknown>)
    app.get('/', { websocket: true, schema: { message: ANY } }, (socket) => {
      socket.on('message', (data) => socket.send(String(data)))
    })
    const socket = await connect(app)
    socket.send('1')
    socket.send('2')
    expect([await socket.next(), await socket.next()]).toEqual(['1', '2'])
  })

  it('gives the values to a loop, and answers what has none', async () => {
    const app = await createApp()
    const message = { type: 'object', required: ['a'], properties: { a: { type: 'number' } } }
    app.get('/', { websocket: true, schema: { message } }, async (socket) => {
      for await (const value of socket) socket.send([value] as unknown as string)
    })
    const socket = await connect(app)
    for (const text of ['{"b":1}', '{"a":"2"}']) socket.send(text)
    expect(JSON.parse(String(await socket.next()))).toMatchObject({ error: { code: 'UPWIRE_BAD_MESSAGE' } })
    expect(await socket.next()).toBe('[{"a":2}]')
    socket.close()
    await app.close()
  })

  it('gives the value to onmessage as the data of its event', async () => {
    const app = await createApp()
    app.get('/', { websocket: true, schema: { message: ANY } }, (socket) => {
      socket.onmessage = ({ data }) => socket.send([data] as unknown as string)
    })
    const socket = await connect(app)
    socket.send('{"a":1}')
    expect(await socket.next()).toBe('[{"a":1}]')
  })

  it('leaves messages as they are where only what is sent has a schema', async () => {
    const app = await createApp()
    const schema = { reply: ANY }
    app.ws('/listener', { schema }, (socket) => socket.on('message', (data) => socket.send(data)))
    app.ws('/hook', { schema }, { message: (socket, data) => void socket.send(data) })
    for (const path of ['/listener', '/hook']) {
      const socket = await connect(app, path)
      socket.send('no JSON')
      expect(String(await socket.next())).toBe('no JSON')
    }
  })

  it('loses no message between two listeners', async () => {
    const app = await createApp()
    app.get('/', { websocket: true, schema: { message: ANY } }, async (socket) => {
      const [first] = await once(socket, 'message')
      const [second] = await once(socket, 'message')
      socket.send([first, second] as unknown as string)
    })
    const socket = await connect(app)
    socket.send('1')
    socket.send('2')
    expect(await socket.next()).toBe('[1,2]')
  })

  it.each([
    ['throws', undefined],
    ['throws, behind an async validator,', async () => true],
  ])('reports a listener that %s once, and closes with 1011', async (_how, validate) => {
    const { app, lines } = await createLoggingApp()
    if (validate) app.setValidatorCompiler((() => validate) as unknown as FastifySchemaCompiler<unknown>)
    app.get('/', { websocket: true, schema: { message: ANY } }, (socket) => {
      socket.on('message', () => {
        throw new Error('failed')
      })
    })
    const socket = await connect(app)
    socket.send('{"a":1}')
    expect(await closeOf(socket)).toBe('1011')
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ err: { message: 'failed' } }])
  })

  it('hears of other events as ever', async () => {
    const app = await createApp()
    const closed = new Promise((resolve) => {
      app.get('/', { websocket: true, schema: { message: ANY } }, (socket) => socket.on('close', resolve))
    })
    const socket = await connect(app)
    socket.close(4000)
    expect(await closed).toBe(4000)
  })
})
