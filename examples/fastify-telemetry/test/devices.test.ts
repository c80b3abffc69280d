import { rawUpgrade, text } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOILER, type RunningApp, startApp } from './running-app.ts'

let running: RunningApp

beforeEach(async () => {
  running = await startApp()
})

afterEach(() => running.close())

describe('the WebSocket of a device', () => {
  it('is refused with 401 and without a frame where there is no token', async () => {
    const client = await rawUpgrade(running.port, { path: '/measurements' })
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    const body = await client.body()
    expect(JSON.parse(body)).toMatchObject({ statusCode: 401, code: 'FST_JWT_NO_AUTHORIZATION_IN_HEADER' })
    client.end()
    await client.ended
    expect(client.received.toString()).toBe(body)
  })

  it.each([
    ['that somebody else has signed', 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6ImJvaWxlciJ9.c2lnbmF0dXJl'],
    ['that is none', 'token'],
  ])('is refused with 401 where there is a token %s', async (_what, token) => {
    const { client } = await running.device(token)
    expect(client.status).toBe(401)
  })

  it('is refused with 401 where the token has expired', async () => {
    const { client } = await running.device(running.app.jwt.sign({ ...BOILER, exp: 1 }))
    expect(client.status).toBe(401)
  })

  it('takes a measurement, shows it on the board, and says that it has arrived', async () => {
    const device = await running.device()
    device.send({ sequence: 7, value: 61.5 })
    expect(await device.next()).toEqual({ received: 7 })
    expect(running.board.series).toEqual([{ device: BOILER, readings: [[expect.any(Number), 61.5]] }])
  })

  it.each([
    ['a value that is no number', { sequence: 1, value: 'warm' }, '/value', 'must be number'],
    ['a number as text', { sequence: 1, value: '61' }, '/value', 'must be number'],
    ['the null of a broken sensor', { sequence: 1, value: null }, '/value', 'must be number'],
    ['a value beyond all bounds', { sequence: 1, value: 1e10 }, '/value', 'must be <= 1000000000'],
    ['no sequence', { value: 61 }, '', "must have required property 'sequence'"],
    ['one property more', { sequence: 1, value: 61, unit: 'K' }, '', 'must NOT have additional properties'],
  ])('answers %s with an error, and stays open', async (_what, message, path, complaint) => {
    const device = await running.device()
    device.send(message)
    expect(await device.next()).toEqual({ error: { code: 'UPWIRE_BAD_MESSAGE', message: complaint, path } })
    expect(running.board.series).toEqual([])
    device.send({ sequence: 2, value: 61 })
    expect(await device.next()).toEqual({ received: 2 })
  })

  it('answers what is not JSON with an error, and stays open', async () => {
    const device = await running.device()
    device.client.write(text('61.5 degrees'))
    expect(await device.next()).toMatchObject({ error: { code: 'UPWIRE_NOT_JSON' } })
    device.send({ sequence: 2, value: 61 })
    expect(await device.next()).toEqual({ received: 2 })
  })

  it('is closed with 1009 for a message longer than 1 KiB', async () => {
    const { client } = await running.device()
    client.write(text('x'.repeat(1025)))
    expect(await client.nextClose()).toMatchObject({ code: 1009 })
  })
})
