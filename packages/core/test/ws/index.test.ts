import { describe, expect, it } from 'vitest'
import * as names from '../../src/ws/index.ts'

describe('@upwire/core/ws', () => {
  it('has the class for its default', () => {
    expect(names.default).toBe(names.WebSocket)
  })

  it('hangs on the class what ws hangs on it', () => {
    expect(names.default.WebSocket).toBe(names.WebSocket)
    expect(names.default.WebSocketServer).toBe(names.WebSocketServer)
    expect(names.default.Server).toBe(names.WebSocketServer)
  })
})
