import { describe, expect, it } from 'vitest'
import { handshakeError } from '../../src/handshake/handshake-error.ts'
import { formatRejection } from '../../src/handshake/opening-response.ts'
import { faultOf, isRejection, Refusal, refusalOf, toRejection } from '../../src/routing/refusal.ts'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'

function errorWith(properties: object): Error {
  return Object.assign(new Error('secret details'), properties)
}

describe('isRejection', () => {
  it.each([new UpgradeRejection(401), new Response(null, { status: 401 })])('is true of %s', (answer) => {
    expect(isRejection(answer)).toBe(true)
  })

  it.each([undefined, null, false, 401, { status: 401 }, new Error('401')])('is false of %s', (answer) => {
    expect(isRejection(answer)).toBe(false)
  })
})

describe('refusalOf', () => {
  it('keeps what was thrown', () => {
    const reason = new Error('why')
    expect(refusalOf(reason)).toEqual(new Refusal(reason))
  })

  it('reads a Response, with every cookie and its body', async () => {
    const response = new Response('Sign in first', { status: 401, headers: { 'Content-Type': 'text/x' } })
    response.headers.append('Set-Cookie', 'a=1')
    response.headers.append('Set-Cookie', 'b=2')
    const { reason } = await refusalOf(response)
    expect(formatRejection(toRejection(reason)).toString()).toBe(
      'HTTP/1.1 401 Unauthorized\r\n' +
        'content-type: text/x\r\n' +
        'set-cookie: a=1\r\n' +
        'set-cookie: b=2\r\n' +
        'Content-Length: 13\r\n' +
        'Connection: close\r\n\r\n' +
        'Sign in first',
    )
  })

  it('sends the bytes of a binary body unchanged', async () => {
    const { reason } = await refusalOf(new Response(Buffer.from('00ff0a', 'hex'), { status: 403 }))
    expect(formatRejection(toRejection(reason)).subarray(-3).toString('hex')).toBe('00ff0a')
  })

  it('is a fault when the body cannot be read', async () => {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('the disk is gone')) })
    const { reason } = await refusalOf(new Response(body, { status: 403 }))
    expect(faultOf(reason)).toBe(reason)
    expect(reason).toEqual(new Error('the disk is gone'))
  })

  it('is a fault when the Response has no status to answer with', async () => {
    const { reason } = await refusalOf(Response.error())
    expect(faultOf(reason)).toBeInstanceOf(RangeError)
  })
})

describe('toRejection', () => {
  it('answers an UpgradeRejection as it is', () => {
    const rejection = new UpgradeRejection(402, { body: 'Pay first' })
    expect(toRejection(rejection)).toBe(rejection)
  })

  it('answers a HandshakeError with its row of the table', () => {
    expect(toRejection(handshakeError('UPWIRE_SHUTTING_DOWN'))).toEqual({
      status: 503,
      headers: [],
      body: 'The server is shutting down',
    })
  })

  it.each([
    ['status', { status: 403 }],
    ['statusCode', { statusCode: 403 }],
    ['a status that is no error and a statusCode', { status: 200, statusCode: 403 }],
  ])('answers an error with a %s by that, and by its message', (_, properties) => {
    expect(toRejection(errorWith(properties))).toEqual({ status: 403, headers: [], body: 'secret details' })
  })

  it('adds the headers of the error', () => {
    const { headers } = toRejection(errorWith({ status: 429, headers: { 'Retry-After': 30 } }))
    expect(headers).toEqual([['Retry-After', '30']])
  })

  it.each([
    [{ status: 503 }, 'Service Unavailable'],
    [{ status: 503, expose: true }, 'secret details'],
    [{ status: 403, expose: false }, 'Forbidden'],
    [{ status: 403, expose: true }, 'secret details'],
  ])('says of an error with %j only: %s', (properties, body) => {
    expect(toRejection(errorWith(properties)).body).toBe(body)
  })

  it.each([
    errorWith({}),
    errorWith({ status: 200 }),
    errorWith({ status: 399 }),
    errorWith({ status: 600 }),
    errorWith({ status: '403' }),
    errorWith({ status: 403.5 }),
    { status: 403, message: 'secret details' },
    'secret details',
    undefined,
  ])('answers 500 to %s and tells nothing', (reason) => {
    expect(toRejection(reason)).toEqual({
      status: 500,
      headers: [],
      body: 'The server failed while it handled the opening handshake',
    })
  })
})

describe('faultOf', () => {
  it.each([new UpgradeRejection(500), errorWith({ status: 503 }), handshakeError('UPWIRE_FOREIGN_ORIGIN')])(
    'finds none behind %s, which is meant',
    (reason) => {
      expect(faultOf(reason)).toBeUndefined()
    },
  )

  it('finds the cause of a HandshakeError', () => {
    const cause = new Error('the origin function threw')
    expect(faultOf(Object.assign(handshakeError('UPWIRE_UPGRADE_FAILED'), { cause }))).toBe(cause)
  })

  it.each([new Error('a bug'), 'text', 0, false])('finds the thrown %s itself', (reason) => {
    expect(faultOf(reason)).toBe(reason)
  })

  it.each([undefined, null])('makes an error of a thrown %s', (reason) => {
    expect(faultOf(reason)).toEqual(new Error(`The opening handshake failed: ${reason} was thrown`))
  })
})
