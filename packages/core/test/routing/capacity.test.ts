import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { addressOf, Capacity, checkMaxConnections } from '../../src/routing/capacity.ts'
import { openingRequest } from '../handshake/request.ts'

function stream(): Duplex {
  return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
}

async function close(open: Duplex): Promise<void> {
  open.destroy()
  await once(open, 'close')
}

describe('Capacity', () => {
  it('gives as many places as there are, then 503', () => {
    const capacity = new Capacity(2)
    expect(capacity.take(stream(), 'a')).toBeUndefined()
    expect(capacity.take(stream(), 'b')).toBeUndefined()
    expect(capacity.take(stream(), 'c')).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
  })

  it('gives each address as many as it may have, then 429', () => {
    const capacity = new Capacity({ perAddress: 1 })
    expect(capacity.take(stream(), 'a')).toBeUndefined()
    expect(capacity.take(stream(), 'a')).toBe('UPWIRE_TOO_MANY_CONNECTIONS_FROM_ADDRESS')
    expect(capacity.take(stream(), 'b')).toBeUndefined()
  })

  it('looks at the total first', () => {
    const capacity = new Capacity({ total: 1, perAddress: 1 })
    capacity.take(stream(), 'a')
    expect(capacity.take(stream(), 'a')).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
  })

  it('counts a stream once', () => {
    const capacity = new Capacity(1)
    const first = stream()
    capacity.take(first, 'a')
    expect(capacity.take(first, 'a')).toBeUndefined()
    expect(capacity.take(stream(), 'a')).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
  })

  it('has the place back when the stream closes', async () => {
    const capacity = new Capacity({ total: 2, perAddress: 2 })
    const [first, second] = [stream(), stream()]
    capacity.take(first, 'a')
    capacity.take(second, 'a')
    await close(first)
    expect(capacity.take(stream(), 'a')).toBeUndefined()
    await close(second)
    expect(capacity.take(stream(), 'a')).toBeUndefined()
    expect(capacity.take(stream(), 'a')).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
  })

  it('keeps no place for a stream that is closed already', async () => {
    const capacity = new Capacity(1)
    const gone = stream()
    await close(gone)
    expect(capacity.take(gone, 'a')).toBeUndefined()
    expect(capacity.take(stream(), 'a')).toBeUndefined()
  })
})

describe('checkMaxConnections', () => {
  it.each([
    1,
    10_000,
    Number.POSITIVE_INFINITY,
    { total: 5 },
    { perAddress: 5 },
    { total: 9, perAddress: 1 },
  ])('accepts %j', (option) => {
    expect(() => checkMaxConnections(option)).not.toThrow()
  })

  it.each([0, -1, 1.5, Number.NaN, '5', true, null, {}, [], { total: 0 }, { perAdress: 5 }, { total: '5' }])(
    'refuses %j',
    (option) => {
      expect(() => checkMaxConnections(option)).toThrow(TypeError)
      expect(() => checkMaxConnections(option)).toThrow(
        'Option maxConnections must be a number above 0, or {',
      )
    },
  )
})

describe('addressOf', () => {
  it('is the same for all requests whose transport has no address', () => {
    expect(addressOf(openingRequest())).toBe('')
    expect(addressOf(Object.assign(openingRequest(), { socket: undefined }))).toBe('')
  })
})
