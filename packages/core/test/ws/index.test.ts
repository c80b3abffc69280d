import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import * as names from '../../src/ws/index.ts'

const real: object = createRequire(import.meta.url)('ws')

describe('@upwire/core/ws', () => {
  it('has the class for its default', () => {
    expect(names.default).toBe(names.WebSocket)
  })

  it('hangs on the class what ws hangs on it', () => {
    expect(names.default.WebSocket).toBe(names.WebSocket)
    expect(names.default.WebSocketServer).toBe(names.WebSocketServer)
    expect(names.default.Server).toBe(names.WebSocketServer)
    const missing = Object.keys(real).filter((name) => !Object.hasOwn(names.default, name))
    expect(missing).toEqual([])
  })

  it('has the names of ws, and no others', async () => {
    expect(Object.keys(names).sort()).toEqual(Object.keys(await import('ws')).sort())
  })
})
