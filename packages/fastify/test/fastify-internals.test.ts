import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import {
  hookName,
  onSendHooks,
  ready,
  serializerCompilerOf,
  validatorCompilerOf,
} from '../src/fastify-internals.ts'
import { closing, nest } from './harness.ts'

describe('what is known of Fastify', () => {
  it('names the onSend hooks of a request, of its context and its route', async () => {
    const app = closing(Fastify())
    app.addHook('onSend', async function ofContext() {})
    const seen: string[] = []
    const handler = async (request: Parameters<typeof onSendHooks>[0]) => {
      seen.push(onSendHooks(request).map(hookName).join(' '))
      return ''
    }
    app.get('/', { onSend: async function ofRoute() {} }, handler)
    await app.inject('/')
    expect(seen).toEqual(['ofContext ofRoute'])
  })

  it('finds none where there are none', async () => {
    const app = closing(Fastify())
    app.get('/', async (request) => onSendHooks(request).length)
    expect((await app.inject('/')).payload).toBe('0')
  })

  it('finds none on what is no request of Fastify', () => {
    expect(onSendHooks({} as Parameters<typeof onSendHooks>[0])).toEqual([])
  })

  it('has the compilers of a context, with the schemas that it and those around it share', async () => {
    const app = closing(Fastify())
    app.addSchema({ $id: 'outer', type: 'string' })
    const contexts: FastifyInstance[] = []
    await nest(app, async (context) => {
      context.addSchema({ $id: 'inner', type: 'integer' })
      contexts.push(context)
    })
    const [inner] = contexts
    const place = { method: 'GET', url: '/' }
    for (const [$ref, value] of Object.entries({ 'outer#': 'text', 'inner#': 7 })) {
      expect(validatorCompilerOf(inner)({ schema: { $ref }, ...place })(value)).toBe(true)
      expect(serializerCompilerOf(inner)({ schema: { $ref }, ...place })(value)).toBe(JSON.stringify(value))
    }
    const outer = validatorCompilerOf(app)
    expect(() => outer({ schema: { $ref: 'inner#' }, ...place })).toThrow('inner')
  })

  it('waits for the application from any of its contexts, before the start and after it', async () => {
    const app = closing(Fastify())
    const contexts: FastifyInstance[] = []
    const steps: string[] = []
    await nest(app, async (context) => {
      contexts.push(context)
      context.addHook('onReady', async () => void steps.push('onReady'))
      void ready(context).then(() => steps.push('ready'))
    })
    await app.ready()
    await ready(contexts[0])
    expect(steps).toEqual(['onReady', 'ready'])
  })

  it('says so when a version of Fastify keeps them elsewhere', () => {
    expect(() => validatorCompilerOf({} as FastifyInstance)).toThrow('keeps its compilers elsewhere')
  })
})
