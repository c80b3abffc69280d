import { expect } from 'vitest'
import { binary, close, ping, pong, text } from '../frames.ts'
import { oversizedMessages } from '../invalid-frames.ts'
import type { ContractFunction, ContractOptions } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import { deferred } from './deferred.ts'
import { expectStats, expectStatus, expectText, happens } from './expectations.ts'
import { gate } from './gate.ts'

const echo: ContractFunction = (socket) => {
  socket.on('message', (data) => void socket.send(data as Buffer, { binary: false }))
}

const MAX_PAYLOAD = 16

/** Far more than a peer that does not read takes off our hands, kernel buffers included. */
const FLOOD_BYTES = 32 * 1024 * 1024
const PART = 'x'.repeat(64 * 1024)

/** Sends until the peer has this much, and says what came of it. */
function flood(options: ContractOptions) {
  const { promise: outcome, resolve } = deferred<{ code: number } | { buffered: number }>()
  const handler: ContractFunction = (socket) => {
    socket.on('close', (code) => resolve({ code }))
    for (let sent = 0; sent < FLOOD_BYTES; sent += PART.length) socket.send(PART)
    if (socket.readyState === socket.OPEN) resolve({ buffered: socket.bufferedAmount })
  }
  return { route: { path: '/chat', handler, options }, outcome }
}

/** What one connection, and all together, may cost is bounded, where the route says so or by the default of all. */
export const limits: readonly ContractCase[] = [
  ...oversizedMessages(MAX_PAYLOAD).map(({ name, bytes, closeCode }) =>
    contractCase(`maxPayload refuses ${name}, on its route alone`, async (run) => {
      const application = await run.start({
        routes: [
          { path: '/chat', handler: echo, options: { maxPayload: MAX_PAYLOAD } },
          { path: '/other', handler: echo },
        ],
      })
      const client = await run.connect(application, { after: text('x'.repeat(MAX_PAYLOAD)) })
      await expectText(client, 'x'.repeat(MAX_PAYLOAD))
      client.write(bytes)
      expect((await client.nextClose()).code).toBe(closeCode)
      const other = await run.connect(application, { path: '/other', after: text('x'.repeat(1000)) })
      await expectText(other, 'x'.repeat(1000))
    }),
  ),

  contractCase('messages of 1 MiB and no more are taken where nothing else is said', async (run) => {
    const application = await run.serve((socket) => {
      socket.on('message', (data) => socket.send(`${(data as Buffer).length}`))
    })
    const client = await run.connect(application, { after: binary(Buffer.alloc(1024 * 1024)) })
    await expectText(client, '1048576')
    client.write(binary(Buffer.alloc(0), { length: 1024 * 1024 + 1 }))
    expect((await client.nextClose()).code).toBe(1009)
  }),

  contractCase('options of the application are the defaults of its routes', async (run) => {
    const application = await run.start({
      options: { maxPayload: 4, subprotocols: ['v1'] },
      routes: [
        { path: '/chat', handler: echo },
        { path: '/other', handler: echo, options: { maxPayload: 8 } },
      ],
    })
    const headers = { 'Sec-WebSocket-Protocol': 'v1' }
    const client = await run.connect(application, { headers, after: text('12345') })
    expect(client.headers.get('sec-websocket-protocol')).toEqual(['v1'])
    expect((await client.nextClose()).code).toBe(1009)
    const other = await run.connect(application, { path: '/other', headers, after: text('12345') })
    expect(other.headers.get('sec-websocket-protocol')).toEqual(['v1'])
    await expectText(other, '12345')
  }),

  contractCase('maxConnections of a route is a 503 above it, until one has gone', async (run) => {
    const application = await run.start({
      routes: [
        { path: '/chat', handler: echo, options: { maxConnections: 1 } },
        { path: '/other', handler: echo },
      ],
    })
    const first = await run.connect(application)
    await expectStatus(await run.connect(application), 503)
    expect((await run.connect(application, { path: '/other' })).status).toBe(101)
    first.write(close(1000))
    await first.nextClose()
    first.end()
    await expectStats(application, { open: 1, pending: 0 })
    const next = await run.connect(application, { after: text('next') })
    await expectText(next, 'next')
  }),

  contractCase(
    'maxConnections of the application counts all routes, and undecided handshakes',
    async (run) => {
      const entering = gate()
      const application = await run.start({
        options: { maxConnections: 2 },
        routes: [
          { path: '/chat', handler: echo, before: [entering.wait] },
          { path: '/other', handler: echo },
        ],
      })
      const deciding = run.connect(application, { after: text('in') })
      await entering.reached
      expect((await run.connect(application, { path: '/other' })).status).toBe(101)
      await expectStatus(await run.connect(application, { path: '/other' }), 503)
      entering.open()
      await expectText(await deciding, 'in')
    },
  ),

  contractCase('maxConnections of an address is a 429 above it', async (run) => {
    const application = await run.serve(echo, { options: { maxConnections: { perAddress: 1 } } })
    await expectText(await run.connect(application, { after: text('in') }), 'in')
    await expectStatus(await run.connect(application), 429)
  }),

  contractCase('pingInterval asks a silent peer, and one that answers stays', async (run) => {
    const application = await run.serve(echo, { options: { pingInterval: 20, pongTimeout: 2000 } })
    const client = await run.connect(application)
    for (let count = 0; count < 2; count++) {
      const { opcode, payload } = await client.nextFrame()
      expect(opcode).toBe(0x9)
      client.write(pong(payload))
    }
    const [socket] = application.clients
    await happens(() => socket.rtt !== undefined)
    expect(client.hasEnded).toBe(false)
  }),

  contractCase('pongTimeout cuts off a peer that does not answer', async (run) => {
    const told = deferred<unknown[]>()
    const application = await run.serve(
      (socket) => socket.on('close', (code, reason) => told.resolve([code, String(reason)])),
      { options: { pingInterval: 20, pongTimeout: 20 } },
    )
    const client = await run.connect(application)
    expect((await client.nextFrame()).opcode).toBe(0x9)
    await client.ended
    expect(await told.promise).toEqual([1006, 'timeout'])
  }),

  contractCase('idleTimeout closes what only pings', async (run) => {
    const application = await run.serve(echo, { options: { idleTimeout: 40 } })
    const client = await run.connect(application, { after: ping() })
    expect((await client.nextFrame()).opcode).toBe(0xa)
    expect(await client.nextClose()).toEqual({ code: 1001, reason: 'Idle' })
  }),

  contractCase('messageTimeout closes who does not finish a message', async (run) => {
    const application = await run.serve(echo, { options: { messageTimeout: 40 } })
    const client = await run.connect(application, { after: text('begun', { fin: false }) })
    expect((await client.nextClose()).code).toBe(1008)
  }),

  contractCase('messageRate closes who sends more than ten seconds of it at once', async (run) => {
    const application = await run.serve(echo, { options: { messageRate: 1 } })
    const messages = Array.from({ length: 12 }, (_, index) => text(`${index}`))
    const client = await run.connect(application, { after: Buffer.concat(messages) })
    const answers = await client.frames(10)
    expect(answers.map(({ payload }) => payload.toString())).toEqual([...'0123456789'])
    expect((await client.nextClose()).code).toBe(1008)
  }),

  contractCase('maxFragments closes who cuts a message smaller', async (run) => {
    const application = await run.serve(echo, { options: { maxFragments: 2 } })
    const part = text('', { fin: false })
    const more = Buffer.of(0x00, 0x80, 0, 0, 0, 0)
    const client = await run.connect(application, { after: Buffer.concat([part, more, more]) })
    expect((await client.nextClose()).code).toBe(1008)
  }),

  contractCase('closeTimeout cuts off who does not answer a Close frame', async (run) => {
    const application = await run.serve((socket) => socket.close(4000), { options: { closeTimeout: 40 } })
    const client = await run.connect(application)
    expect((await client.nextClose()).code).toBe(4000)
    await client.ended
    await expectStats(application, { open: 0, closed: { 1006: 1 } })
  }),

  contractCase('maxBackpressure ends what does not read with 1013', async (run) => {
    const { route, outcome } = flood({ maxBackpressure: 1024 * 1024, closeTimeout: 40 })
    const application = await run.start({ routes: [route] })
    const client = await run.connect(application)
    client.pauseReading()
    expect(await outcome).toMatchObject({ code: expect.any(Number) })
    client.resumeReading()
    await expectStats(application, { open: 0 })
  }),

  contractCase('maxBackpressure leaves messages out where the policy says drop', async (run) => {
    const { route, outcome } = flood({ maxBackpressure: 1024 * 1024, backpressurePolicy: 'drop' })
    const application = await run.start({ routes: [route] })
    const client = await run.connect(application)
    client.pauseReading()
    const { buffered } = (await outcome) as { buffered: number }
    expect(buffered).toBeLessThanOrEqual(1024 * 1024)
    expect(application.stats().open).toBe(1)
    client.resumeReading()
    await expectText(client, PART)
  }),
]
