import { describe, expect, it } from 'vitest'
import { agreedAsClient, agreedAsServer, missing, offerHeader } from '../../driver/negotiation.ts'

const DEFAULTS = { windowBits: 15, noContextTakeover: false }

describe('a driver that is the client', () => {
  it('offers all that the case wants, best first, and else nothing', () => {
    expect(offerHeader([{ endpoint: { windowBits: 9 } }, {}])).toBe(
      'permessage-deflate; server_max_window_bits=9; client_max_window_bits, ' +
        'permessage-deflate; client_max_window_bits',
    )
    expect(offerHeader(undefined)).toBeNull()
  })

  it('takes what the server agreed to', () => {
    const offer = 'permessage-deflate; client_max_window_bits'
    expect(agreedAsClient(offer, 'permessage-deflate; server_max_window_bits=9', [{}])).toEqual({
      server: { ...DEFAULTS, windowBits: 9 },
      client: DEFAULTS,
    })
    expect(agreedAsClient(offer, undefined, [{}])).toBeUndefined()
  })

  it.each([
    [null, 'permessage-deflate'],
    ['permessage-deflate', 'permessage-deflate; client_max_window_bits=9'],
    ['permessage-deflate; server_max_window_bits=16', 'permessage-deflate; server_max_window_bits=15'],
    ['permessage-deflate', 'permessage-deflate, permessage-deflate'],
    ['permessage-deflate', 'x-other'],
  ])('sees that to %s no server may answer %s', (offer, response) => {
    expect(() => agreedAsClient(offer, response)).toThrow('agreed to')
  })
})

describe('a driver that is the server', () => {
  it('answers the first offer that can be what the case wants', () => {
    const offers = 'permessage-deflate; unknown, permessage-deflate; client_max_window_bits'
    expect(agreedAsServer(offers, [{ endpoint: { windowBits: 9 } }])).toEqual({
      response: 'permessage-deflate; client_max_window_bits=9',
      agreement: { server: DEFAULTS, client: { ...DEFAULTS, windowBits: 9 } },
    })
  })

  it('takes the next best where the client does not offer the best', () => {
    const wanted = [{ endpoint: { windowBits: 9 } }, { endpoint: { noContextTakeover: true } }]
    expect(agreedAsServer('permessage-deflate', wanted)?.response).toBe(
      'permessage-deflate; client_no_context_takeover',
    )
  })

  it.each([undefined, '', 'x-other', 'permessage-deflate; unknown'])('agrees on nothing with %s', (offer) => {
    expect(agreedAsServer(offer, [{}])).toBeUndefined()
  })
})

describe('what a case is without', () => {
  const agreement = { server: DEFAULTS, client: { ...DEFAULTS, noContextTakeover: true } }

  it('is compression, where it wants it and there is none', () => {
    expect(missing({ compression: [{}] }, undefined, 'client')).toBe('permessage-deflate')
    expect(missing({}, undefined, 'client')).toBeUndefined()
    expect(missing({ compression: [{}] }, agreement, 'client')).toBeUndefined()
  })

  it('is the window of the driver, where it may not keep it', () => {
    expect(missing({ compression: [{}], needsTakeover: true }, agreement, 'client')).toBe('context takeover')
    expect(missing({ compression: [{}], needsTakeover: true }, agreement, 'server')).toBeUndefined()
  })
})
