import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { hasMessageSchema } from '../src/message-schema.ts'
import { closeOf, connect, createApp, createLoggingApp } from './harness.ts'

const READING = {
  type: 'object',
  properties: { device: { type: 'string' }, celsius: { type: 'number' } },
  required: ['device', 'celsius'],
} as const

type Reading = { device: string; celsius: number }

async function appWith(schema: object) {
  const app = await createApp()
  app.ws('/', { schema }, { message: (socket, data) => void socket.send(`took ${JSON.stringify(data)}`) })
  return app
}

describe('a route with schema.message', () => {
  it('gives its message hook values that fit', async () => {
    const socket = await connect(await appWith({ message: READING }))
    socket.send('{"device":"d1","celsius":20.5}')
    expect(await socket.next()).toBe('took {"device":"d1","celsius":20.5}')
  })

  it('gives its message listeners values that fit, and keeps those that come early', async () => {
    const app = await createApp()
    app.get('/', { websocket: true, schema: { message: READING } }, async (socket) => {
      await new Promise((resolve) => setImmediate(resolve))
      socket.on('message', (data: unknown) => socket.send(`${(data as Reading).celsius + 1}`))
    })
    const socket = await connect(app)
    socket.send('{"device":"d1","celsius":1}')
    socket.send('{"device":"d1","celsius":2}')
    expect([await socket.next(), await socket.next()]).toEqual(['2', '3'])
  })

  it.each([
    [
      '{"device":"d1"}',
      { code: 'UPWIRE_BAD_MESSAGE', message: "must have required property 'celsius'", path: '' },
    ],
    [
      '{"device":"d1","celsius":"hot"}',
      { code: 'UPWIRE_BAD_MESSAGE', message: 'must be number', path: '/celsius' },
    ],
    ['{"device"', { code: 'UPWIRE_NOT_JSON', message: 'The message must be JSON text', path: '' }],
    ['', { code: 'UPWIRE_NOT_JSON', message: 'The message must be JSON text', path: '' }],
    ['{"__proto__":{}}', { code: 'UPWIRE_NOT_JSON', message: 'The message must be JSON text', path: '' }],
    [Buffer.from('{}'), { code: 'UPWIRE_NOT_JSON', message: 'The message must be JSON text', path: '' }],
  ])('answers %j, and stays open', async (sent, error) => {
    const socket = await connect(await appWith({ message: READING }))
    socket.send(sent)
    expect(JSON.parse(String(await socket.next()))).toEqual({ error })
    socket.send('{"device":"d1","celsius":1}')
    expect(await socket.next()).toMatch(/^took/)
  })

  it.each([
    ['{"device":"d1"}', '1008 UPWIRE_BAD_MESSAGE'],
    ['{', '1007 UPWIRE_NOT_JSON'],
  ])('closes for %j where it says so', async (sent, close) => {
    const socket = await connect(await appWith({ message: READING, onInvalid: 'close' }))
    socket.send(sent)
    expect(await closeOf(socket)).toBe(close)
  })

  it('knows the schemas that the instance was given', async () => {
    const app = await createApp()
    app.addSchema({ $id: 'reading', ...READING })
    app.ws(
      '/',
      { schema: { message: { $ref: 'reading#' } } },
      { message: (socket) => void socket.send('ok') },
    )
    const socket = await connect(app)
    socket.send('{"device":"d1","celsius":1}')
    expect(await socket.next()).toBe('ok')
  })

  it('is validated by the compiler of the instance: TypeBox', async () => {
    const app = await createApp()
    app.setValidatorCompiler(TypeBoxValidatorCompiler)
    app.ws(
      '/',
      { schema: { message: Type.Object({ n: Type.Integer() }) } },
      { message: (socket) => void socket.send('ok') },
    )
    const socket = await connect(app)
    socket.send('{"n":"one"}')
    expect(JSON.parse(String(await socket.next()))).toMatchObject({
      error: { code: 'UPWIRE_BAD_MESSAGE', path: '/n' },
    })
    socket.send('{"n":1}')
    expect(await socket.next()).toBe('ok')
  })

  it.each([
    [
      'an error with issues',
      { error: Object.assign(new Error('bad'), { issues: [{ message: 'too hot', path: ['celsius', 0] }] }) },
      'too hot',
      '/celsius/0',
    ],
    [
      'an error with details',
      { error: Object.assign(new Error('bad'), { details: [{ message: 'too hot', path: ['celsius'] }] }) },
      'too hot',
      '/celsius',
    ],
    ['an error alone', { error: new Error('too hot') }, 'too hot', ''],
    ['a promise of false', Promise.resolve(false), 'The message does not fit its schema', ''],
    ['false', false, 'The message does not fit its schema', ''],
  ])('understands a validator that gives %s', async (_what, outcome, message, path) => {
    const app = await createApp()
    app.setValidatorCompiler(() => () => outcome as boolean)
    app.ws('/', { schema: { message: READING } }, { message: () => expect.unreachable() })
    const socket = await connect(app)
    socket.send('{}')
    expect(JSON.parse(String(await socket.next()))).toEqual({
      error: { code: 'UPWIRE_BAD_MESSAGE', message, path },
    })
  })

  it('delivers what a validator has made of the value', async () => {
    const app = await createApp()
    app.setValidatorCompiler(() => (value) => ({ value: { was: value } }))
    app.ws(
      '/',
      { schema: { message: READING } },
      { message: (socket, data) => void socket.send(JSON.stringify(data)) },
    )
    const socket = await connect(app)
    socket.send('1')
    expect(await socket.next()).toBe('{"was":1}')
  })

  it('delivers what Ajv has made of the whole value', async () => {
    const app = await createApp()
    app.ws(
      '/',
      { schema: { message: { type: 'number' } } },
      {
        message: (socket, data) => void socket.send(typeof data),
      },
    )
    const socket = await connect(app)
    socket.send('"5"')
    expect(await socket.next()).toBe('number')
  })

  it('takes nothing a peer wrote for the verdict of an async validator', async () => {
    const app = await createApp()
    const message = { $async: true, type: 'object', properties: { value: { type: 'integer' } } }
    app.ws(
      '/',
      { schema: { message } },
      {
        message: (socket, data) => void socket.send(JSON.stringify(data)),
      },
    )
    const socket = await connect(app)
    for (const sent of ['{"value":1}', '{"error":{"message":"x"}}', '{"value":"x"}']) socket.send(sent)
    expect([await socket.next(), await socket.next()]).toEqual(['{"value":1}', '{"error":{"message":"x"}}'])
    expect(JSON.parse(String(await socket.next()))).toEqual({
      error: { code: 'UPWIRE_BAD_MESSAGE', message: 'must be integer', path: '/value' },
    })
  })

  it('closes with 1011 where an async validator fails itself, and logs why', async () => {
    const { app, lines } = await createLoggingApp()
    app.setValidatorCompiler((() => () => Promise.reject(new Error('no database'))) as never)
    app.ws('/', { schema: { message: READING } }, { message() {} })
    const socket = await connect(app)
    socket.send('{}')
    expect(await closeOf(socket)).toBe('1011')
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ err: { message: 'no database' } }])
  })

  it('refuses another onInvalid where it is declared', async () => {
    const app = await createApp()
    const schema = { message: READING, onInvalid: 'ignore' } as object
    expect(() => app.ws('/', { schema }, { message() {} })).toThrow(
      "schema.onInvalid must be 'reply' or 'close', not ignore",
    )
    expect(hasMessageSchema({})).toBe(false)
  })
})

describe('a route with schema.reply', () => {
  it('sends objects through the serialiser of the instance', async () => {
    const app = await createApp()
    const reply = { type: 'object', properties: { ok: { type: 'boolean' } } }
    app.ws(
      '/',
      { schema: { message: READING, reply } },
      {
        message: (socket) => void socket.send({ ok: true, secret: 1 } as never),
      },
    )
    const socket = await connect(app)
    socket.send('{"device":"d1","celsius":1}')
    expect(await socket.next()).toBe('{"ok":true}')
  })
})
