import { describe, expect, it } from 'vitest'
import {
  afterReceivingClose,
  afterSendingClose,
  Closing,
  canSend,
  canSendClose,
} from '../../src/protocol/closing-handshake.ts'

const { Active, ClosedByUs, ClosedByPeer, CloseAcknowledged, Terminated } = Closing

const ROWS = [
  { name: 'Active', state: Active, sent: ClosedByUs, received: ClosedByPeer, data: true, close: true },
  {
    name: 'ClosedByUs',
    state: ClosedByUs,
    sent: ClosedByUs,
    received: CloseAcknowledged,
    data: false,
    close: false,
  },
  {
    name: 'ClosedByPeer',
    state: ClosedByPeer,
    sent: CloseAcknowledged,
    received: ClosedByPeer,
    data: false,
    close: true,
  },
  {
    name: 'CloseAcknowledged',
    state: CloseAcknowledged,
    sent: CloseAcknowledged,
    received: CloseAcknowledged,
    data: false,
    close: false,
  },
  {
    name: 'Terminated',
    state: Terminated,
    sent: Terminated,
    received: Terminated,
    data: false,
    close: false,
  },
]

describe('the closing handshake', () => {
  it('has five states', () => {
    expect(ROWS.map(({ name }) => name)).toEqual(Object.keys(Closing))
    expect(new Set(Object.values(Closing)).size).toBe(5)
  })

  describe.each(ROWS)('in $name', ({ state, sent, received, data, close }) => {
    it('moves on by a Close sent and by a Close received', () => {
      expect(afterSendingClose(state)).toBe(sent)
      expect(afterReceivingClose(state)).toBe(received)
    })

    it(`${data ? 'lets' : 'does not let'} data frames, Pings and Pongs be sent`, () => {
      expect(canSend(state)).toBe(data)
    })

    it(`${close ? 'lets' : 'does not let'} a Close be sent`, () => {
      expect(canSendClose(state)).toBe(close)
    })
  })

  it('ends acknowledged in either order', () => {
    expect(afterReceivingClose(afterSendingClose(Active))).toBe(CloseAcknowledged)
    expect(afterSendingClose(afterReceivingClose(Active))).toBe(CloseAcknowledged)
  })
})
