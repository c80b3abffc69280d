import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { hookName, onSendHooks } from '../src/fastify-internals.ts'
import { closing } from './harness.ts'

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
})
