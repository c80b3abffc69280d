import Fastify, { type FastifySchemaCompiler } from 'fastify'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import { connect, createApp, nest } from './harness.ts'

const READING = {
  type: 'object',
  properties: { device: { type: 'string' }, celsius: { type: 'number' } },
  required: ['device', 'celsius'],
} as const

describe('a schema of messages', () => {
  it('follows $ref to what a context was given, behind the route or in front of it', async () => {
    const app = await createApp()
    app.get('/outer', { schema: { querystring: { type: 'object' } } }, async () => '')
    await nest(app, async (inner) => {
      inner.ws(
        '/',
        { schema: { message: { $ref: 'later#' } } },
        { message: (socket) => void socket.send('ok') },
      )
      inner.addSchema({ $id: 'later', ...READING })
    })
    const socket = await connect(app)
    socket.send('{"device":"d1","celsius":1}')
    expect(await socket.next()).toBe('ok')
  })

  it('is compiled by the compiler of its own context, or of the route itself', async () => {
    const app = await createApp()
    const seen: unknown[] = []
    const compilerOf =
      (name: string): FastifySchemaCompiler<unknown> =>
      ({ schema: _, ...place }) => {
        seen.push({ name, ...place })
        return () => true
      }
    app.setValidatorCompiler(compilerOf('outer'))
    const hooks = { message() {} }
    app.ws('/outer', { schema: { message: READING } }, hooks)
    await nest(app, async (inner) => {
      inner.ws('/inner', { schema: { message: READING } }, hooks)
      inner.ws('/own', { schema: { message: READING }, validatorCompiler: compilerOf('own') }, hooks)
      inner.setValidatorCompiler(compilerOf('inner'))
    })
    await app.ready()
    expect(seen).toEqual([
      { name: 'outer', method: 'GET', url: '/outer', httpPart: 'body' },
      { name: 'inner', method: 'GET', url: '/inner', httpPart: 'body' },
      { name: 'own', method: 'GET', url: '/own', httpPart: 'body' },
    ])
  })

  it('may be a boolean, or what fluent-json-schema makes', async () => {
    const app = await createApp()
    const fluent = { isFluentSchema: true, valueOf: () => READING }
    for (const [path, message] of Object.entries({ '/none': false, '/fluent': fluent })) {
      app.ws(path, { schema: { message } }, { message: (socket) => void socket.send('fits') })
    }
    const none = await connect(app, '/none')
    none.send('{}')
    expect(await none.next()).toContain('UPWIRE_BAD_MESSAGE')
    const socket = await connect(app, '/fluent')
    for (const sent of ['{}', '{"device":"d1","celsius":1}']) socket.send(sent)
    expect([await socket.next(), await socket.next()]).toEqual([expect.stringContaining('device'), 'fits'])
  })

  it.each([
    ['message', { type: 'nothing' }, 'VALIDATION', 'validation'],
    ['message', { $ref: 'unknown#' }, 'VALIDATION', 'validation'],
    ['message', null, 'VALIDATION', 'validation'],
    ['reply', { type: 'nothing' }, 'SERIALIZATION', 'serialization'],
    ['reply', { $ref: 'unknown#' }, 'SERIALIZATION', 'serialization'],
  ])('keeps the application from starting where schema.%s is %j', async (name, schema, code, kind) => {
    const app = Fastify()
    await app.register(upwire)
    app.ws('/rooms', { schema: { [name]: schema } }, { message() {} })
    await expect(app.ready()).rejects.toMatchObject({
      code: `FST_ERR_SCH_${code}_BUILD`,
      message: expect.stringContaining(
        `Failed building the ${kind} schema for GET: /rooms, due to error in schema.${name}: `,
      ),
    })
  })
})
