import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import type { Host } from '../src/host.ts'
import { readPluginOptions } from '../src/plugin-options.ts'
import { openScope, scopeOf } from '../src/scope.ts'
import { closing, nest } from './harness.ts'

describe('a scope', () => {
  it('holds for its instance and all inside, whose own options come first', async () => {
    const app = closing(Fastify())
    const host = {} as Host
    const errorHandler = () => {}
    openScope(app, host, readPluginOptions({ maxPayload: 1, pingInterval: 2, errorHandler }))
    await nest(app, async (inner) => {
      expect(scopeOf(inner)).toBe(scopeOf(app))
      openScope(inner, host, readPluginOptions({ maxPayload: 3 }))
      expect(scopeOf(inner)).toMatchObject({
        host,
        errorHandler,
        routeDefaults: { maxPayload: 3, pingInterval: 2 },
      })
    })
    expect(scopeOf(app)).toMatchObject({ routeDefaults: { maxPayload: 1 } })
  })

  it('is not there where nobody opened one', () => {
    expect(scopeOf(closing(Fastify()))).toBeUndefined()
  })
})
