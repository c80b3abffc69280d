import { describe, expect, it } from 'vitest'
import { agreementOf, offerOf, responseTo } from '../../vocabulary/compression.ts'

describe('an offer', () => {
  it('lets the server limit the window of the client', () => {
    expect(offerOf({})).toEqual({ client_max_window_bits: true })
  })

  it('asks the server for what the endpoint is to do, and tells what the driver does', () => {
    expect(
      offerOf({
        endpoint: { windowBits: 9, noContextTakeover: true },
        driver: { windowBits: 10, noContextTakeover: true },
      }),
    ).toEqual({
      server_max_window_bits: 9,
      server_no_context_takeover: true,
      client_max_window_bits: 10,
      client_no_context_takeover: true,
    })
  })
})

describe('a response', () => {
  it('says nothing where nothing is wanted', () => {
    expect(responseTo({ client_max_window_bits: true }, {})).toEqual({})
  })

  it('limits the window of a client that offered it', () => {
    const compression = { endpoint: { windowBits: 9, noContextTakeover: true } }
    expect(responseTo({ client_max_window_bits: true }, compression)).toEqual({
      client_max_window_bits: 9,
      client_no_context_takeover: true,
    })
    expect(responseTo({}, compression)).toBeUndefined()
  })

  it('never goes above what the client said of its window', () => {
    expect(responseTo({ client_max_window_bits: 8 }, { endpoint: { windowBits: 12 } })).toEqual({
      client_max_window_bits: 8,
    })
  })

  it('grants what the client asks of the server', () => {
    expect(
      responseTo(
        { server_no_context_takeover: true, server_max_window_bits: 10 },
        { driver: { windowBits: 12 } },
      ),
    ).toEqual({ server_no_context_takeover: true, server_max_window_bits: 10 })
  })
})

describe('an agreement', () => {
  it('is windows of 32 KiB that are kept, unless the response says otherwise', () => {
    expect(agreementOf({}, {}, 'client')).toEqual({
      server: { windowBits: 15, noContextTakeover: false },
      client: { windowBits: 15, noContextTakeover: false },
    })
    expect(
      agreementOf({ server_max_window_bits: 9, client_no_context_takeover: true }, {}, 'client'),
    ).toEqual({
      server: { windowBits: 9, noContextTakeover: false },
      client: { windowBits: 15, noContextTakeover: true },
    })
  })

  it('keeps the driver to what it wanted for itself', () => {
    const wanted = { driver: { windowBits: 10, noContextTakeover: true } }
    expect(agreementOf({}, wanted, 'client').client).toEqual({ windowBits: 10, noContextTakeover: true })
    expect(agreementOf({}, wanted, 'server').server).toEqual({ windowBits: 10, noContextTakeover: true })
  })
})
