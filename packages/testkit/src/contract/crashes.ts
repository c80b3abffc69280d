import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { WebSocket } from '@upwire/core'
import { expect, vi } from 'vitest'
import { binary, close, ping, text } from '../frames.ts'
import { INVALID_CLIENT_FRAMES } from '../invalid-frames.ts'
import { handshakeBytes, rawConnect, rawRequest } from '../raw-client.ts'
import type { ContractFunction, ContractHandler, RunningApplication } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import type { ContractRun } from './contract-run.ts'
import { expectStats, expectStatus, expectText, happens } from './expectations.ts'
import { gate } from './gate.ts'

const FAULT = new Error('a bug')
const MANY_HEADERS = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-${index}`, '']))

const echo: ContractFunction = (socket) => {
  socket.on('message', (data) => void socket.send(data as Buffer, { binary: false }))
}

/** That it still serves others. */
async function expectAlive(run: ContractRun, application: RunningApplication): Promise<void> {
  const client = await run.connect(application, { path: '/echo', after: text('alive') })
  await expectText(client, 'alive')
}

/** Starts an application that has, beside `/chat`, an echo to show that it lives. */
function serve(run: ContractRun, handler: ContractHandler): Promise<RunningApplication> {
  return run.start({
    routes: [
      { path: '/chat', handler },
      { path: '/echo', handler: echo },
    ],
  })
}

type Fail = () => unknown

/** Where user code may fail while the connection is open; a message has come, and it is told to go on. */
const PLACES: readonly [place: string, handler: (fail: Fail) => ContractHandler][] = [
  ['a function', (fail) => () => fail()],
  ['a function that waits', (fail) => () => Promise.resolve().then(fail)],
  ['a message listener', (fail) => (socket) => socket.on('message', fail)],
  ['a ping listener', (fail) => (socket) => socket.on('ping', fail)],
  ['the callback of send()', (fail) => (socket) => socket.send('hi', fail)],
  ['the callback of ping()', (fail) => (socket) => socket.ping('hi', fail)],
  ['the open hook', (fail) => ({ open: fail })],
  ['the message hook', (fail) => ({ message: fail })],
  ['the drain hook', (fail) => ({ open: (socket) => socket.send('x'.repeat(2 ** 21)), drain: fail })],
]

/** Where it may fail when the connection has ended. */
const LAST_PLACES: readonly [place: string, handler: (fail: Fail) => ContractHandler][] = [
  ['a close listener', (fail) => (socket) => socket.on('close', fail)],
  ['the close hook', (fail) => ({ close: fail })],
]

const FAILURES: readonly [how: string, fail: Fail][] = [
  [
    'throws',
    () => {
      throw FAULT
    },
  ],
  ['rejects', () => Promise.reject(FAULT)],
]

const needsOf = (place: string) => ({ needs: place.endsWith('hook') ? (['hooks'] as const) : [] })

/** The moments at which a peer resets, and what the handler does then. */
const RESETS: readonly [when: string, handler: ContractFunction][] = [
  ['when it is open', echo],
  ['when it is open and nobody listens', () => {}],
  ['while its handler works', () => new Promise((resolve) => setImmediate(resolve))],
  ['while it is sent to', (socket) => socket.send('x'.repeat(2 ** 22))],
  ['while it is paused', (socket) => socket.pause()],
  ['while it is closing', (socket) => socket.close(1000)],
  ['in the middle of a frame', echo],
]

/** What is no HTTP, or no longer. */
const GARBAGE: readonly [what: string, bytes: string | Buffer][] = [
  ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex')],
  ['a frame without a handshake', text('hi')],
  ['zeros', Buffer.alloc(64)],
  ['half a request line and a NUL', 'GET /chat\0 HTTP/1.1\r\n\r\n'],
  ['a header with a NUL', 'GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: web\0socket\r\n\r\n'],
]

/** Nothing a peer does, and no error of the application's code, ends the process or is lost. */
export const crashes: readonly ContractCase[] = [
  ...INVALID_CLIENT_FRAMES.map(({ name, bytes, closeCode }) =>
    contractCase(`a peer that sends ${name} is told ${closeCode}, and nobody else notices`, async (run) => {
      const application = await serve(run, () => {})
      const client = await run.connect(application, { after: bytes })
      expect((await client.nextClose()).code).toBe(closeCode)
      await expectAlive(run, application)
      expect(application.errors).toEqual([])
    }),
  ),

  ...FAILURES.flatMap(([how, fail]) =>
    PLACES.map(([place, handler]) =>
      contractCase(
        `${place} that ${how} is an error of the application once, and closes with 1011`,
        async (run) => {
          const application = await serve(run, handler(fail))
          const after = Buffer.concat([text('a'), ping()])
          const client = await run.connect(application, { after })
          expect((await client.nextClose()).code).toBe(1011)
          client.write(close(1011))
          await client.ended
          await expectAlive(run, application)
          expect(application.errors).toEqual([FAULT])
        },
        needsOf(place),
      ),
    ),
  ),

  contractCase('no message is delivered behind one whose listener has thrown', async (run) => {
    const fail = vi.fn(() => {
      throw FAULT
    })
    const application = await serve(run, (socket) => socket.on('message', fail))
    const client = await run.connect(application, { after: Buffer.concat([text('a'), text('b')]) })
    expect((await client.nextClose()).code).toBe(1011)
    await expectAlive(run, application)
    expect(fail).toHaveBeenCalledOnce()
    expect(application.errors).toEqual([FAULT])
  }),

  ...FAILURES.flatMap(([how, fail]) =>
    LAST_PLACES.map(([place, handler]) =>
      contractCase(
        `${place} that ${how} is an error of the application once`,
        async (run) => {
          const application = await serve(run, handler(fail))
          const client = await run.connect(application, { after: close(1000) })
          expect((await client.nextClose()).code).toBe(1000)
          await happens(() => application.errors.length > 0)
          await expectAlive(run, application)
          expect(application.errors).toEqual([FAULT])
        },
        needsOf(place),
      ),
    ),
  ),

  contractCase('a second error of the same connection is told as the first was', async (run) => {
    const second = new Error('another bug')
    const application = await serve(run, (socket) => {
      socket.on('close', () => {
        throw second
      })
      throw FAULT
    })
    const client = await run.connect(application)
    expect((await client.nextClose()).code).toBe(1011)
    client.write(close(1011))
    await happens(() => application.errors.length > 1)
    expect(application.errors).toEqual([FAULT, second])
  }),

  contractCase('undefined that is thrown is an error of the application like any other', async (run) => {
    const application = await serve(run, () => Promise.reject(undefined))
    const client = await run.connect(application)
    expect((await client.nextClose()).code).toBe(1011)
    await happens(() => application.errors.length > 0)
    expect(application.errors).toHaveLength(1)
  }),

  contractCase(
    'an error hook takes errors, and nobody else is told',
    async (run) => {
      const error = vi.fn()
      const application = await serve(run, { message: () => Promise.reject(FAULT), error })
      const client = await run.connect(application, { after: text('hi') })
      expect((await client.nextClose()).code).toBe(1011)
      await expectAlive(run, application)
      expect(error).toHaveBeenCalledExactlyOnceWith(expect.anything(), FAULT)
      expect(application.errors).toEqual([])
    },
    { needs: ['hooks'] },
  ),

  contractCase(
    'an error hook is told what the peer did against the protocol',
    async (run) => {
      const error = vi.fn()
      const application = await serve(run, { message() {}, error })
      const client = await run.connect(application, { after: text(Buffer.of(0xff)) })
      expect((await client.nextClose()).code).toBe(1007)
      expect(error).toHaveBeenCalledExactlyOnceWith(
        expect.anything(),
        expect.objectContaining({ code: 'WS_ERR_INVALID_UTF8' }),
      )
      expect(application.errors).toEqual([])
    },
    { needs: ['hooks'] },
  ),

  ...RESETS.map(([when, handler]) =>
    contractCase(`a peer that resets ${when} troubles nobody`, async (run) => {
      const opened = vi.fn(handler)
      const application = await serve(run, (...connection) => opened(...connection))
      const after = when === 'in the middle of a frame' ? text('cut off').subarray(0, 4) : undefined
      const client = await run.connect(application, { after })
      await happens(() => opened.mock.calls.length === 1)
      client.reset()
      await expectStats(application, { open: 0, pending: 0, accepted: 1 })
      await expectAlive(run, application)
      expect(application.errors).toEqual([])
    }),
  ),

  contractCase('a peer that resets while a step decides troubles nobody, and opens nothing', async (run) => {
    const deciding = gate()
    const application = await run.start({
      routes: [
        {
          path: '/chat',
          handler: () => expect.unreachable('The handler ran'),
          before: [deciding.wait],
        },
        { path: '/echo', handler: echo },
      ],
    })
    const { transport } = await rawConnect(application.server)
    transport.write(handshakeBytes(application.server, { path: '/chat' }))
    await deciding.reached
    transport.resetAndDestroy()
    await expectStats(application, { pending: 0, rejected: 1 })
    deciding.open()
    await expectAlive(run, application)
    expect(application.errors).toEqual([])
  }),

  contractCase('a peer that resets in the middle of its handshake troubles nobody', async (run) => {
    const application = await serve(run, echo)
    const connected = once(application.server, 'connection')
    const { transport } = await rawConnect(application.server)
    const [stream]: Socket[] = await connected
    const bytes = handshakeBytes(application.server, { path: '/chat' })
    transport.write(bytes.subarray(0, bytes.length / 2))
    await happens(() => stream.bytesRead > 0)
    transport.resetAndDestroy()
    await happens(() => stream.destroyed)
    await expectAlive(run, application)
    expect(application.stats()).toMatchObject({ pending: 0, accepted: 1 })
  }),

  contractCase('a peer that resets while it is refused troubles nobody', async (run) => {
    const application = await run.start({
      routes: [
        {
          path: '/chat',
          handler: echo,
          before: [() => ({ status: 403, body: 'x'.repeat(2 ** 22) })],
        },
        { path: '/echo', handler: echo },
      ],
    })
    const client = await run.connect(application)
    expect(client.status).toBe(403)
    client.reset()
    await expectStats(application, { pending: 0, rejected: 1 })
    await expectAlive(run, application)
    expect(application.errors).toEqual([])
  }),

  ...GARBAGE.map(([what, bytes]) =>
    contractCase(`a peer that sends ${what} is answered 400, or hung up on`, async (run) => {
      const application = await serve(run, echo)
      const client = await rawRequest(application.server, bytes)
      run.keep(client)
      await client.ended
      expect(client.status).toBe(400)
      await expectAlive(run, application)
    }),
  ),

  contractCase('bytes behind a refused handshake are not looked at', async (run) => {
    const application = await serve(run, echo)
    const behind = handshakeBytes(application.server, { path: '/echo', after: text('hi') })
    const client = await run.connect(application, { path: '/none', after: behind })
    await expectStatus(client, 404)
    expect(client.received.includes('HTTP/1.1')).toBe(false)
    await expectAlive(run, application)
  }),

  contractCase('bytes behind a Close frame are not looked at', async (run) => {
    const seen = vi.fn()
    const application = await serve(run, (socket: WebSocket) => socket.on('message', seen))
    const client = await run.connect(application, {
      after: Buffer.concat([close(1000), text('late'), Buffer.alloc(64, 0xff), binary(Buffer.alloc(9))]),
    })
    expect(await client.nextClose()).toEqual({ code: 1000, reason: '' })
    client.end()
    await client.ended
    expect(seen).not.toHaveBeenCalled()
    await expectAlive(run, application)
  }),

  contractCase('a handshake of 2,000 headers is refused', async (run) => {
    const application = await serve(run, echo)
    const client = await run.connect(application, {
      headers: {
        ...{ Upgrade: null, Connection: null },
        ...MANY_HEADERS,
        ...{ UPGRADE: 'websocket', CONNECTION: 'Upgrade' },
      },
    })
    // Without their Upgrade header, which Node drops, they are ordinary requests of the path to some servers; what the
    // parser refuses the framework answers in its own way.
    await client.ended
    expect([400, 404, 426, 431]).toContain(client.status)
    await expectAlive(run, application)
  }),
]
