import { describe, expect, it } from 'vitest'
import { notOpen, ReadyState } from '../../src/websocket/ready-state.ts'

describe('the state of a socket', () => {
  it('is a number of the HTML Standard', () => {
    expect(ReadyState).toEqual({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
  })

  it.each([
    [ReadyState.CONNECTING, 'WebSocket is not open: readyState 0 (CONNECTING)'],
    [ReadyState.CLOSED, 'WebSocket is not open: readyState 3 (CLOSED)'],
  ])('%d says why nothing is sent', (state, message) => {
    expect(notOpen(state).message).toBe(message)
  })
})
