import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { WebSocket } from '@upwire/core'
import { expect, vi } from 'vitest'
import { binary, close, continuation, ping, text } from '../frames.ts'
import type { ContractHandler } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import { deferred } from './deferred.ts'
import { expectText, happens } from './expectations.ts'
import { gate } from './gate.ts'

const MANY = 1000
const numbers = Array.from({ length: MANY }, (_, index) => String(index))
const manyMessages = Buffer.concat(numbers.map((number) => text(number)))

/** Gathers messages until there are so many. */
function gather(count: number) {
  const gathered: string[] = []
  const { promise: all, resolve } = deferred<string[]>()
  const take = (data: unknown): void => {
    if (gathered.push(String(data)) === count) resolve(gathered)
  }
  return { take, all, gathered }
}

/** Handlers that are not ready for messages before `ready`. */
const SLOW: readonly [
  form: string,
  make: (ready: Promise<void>, take: (data: unknown) => void) => ContractHandler,
][] = [
  [
    'a function that listens late',
    (ready, take) => async (socket) => {
      await ready
      socket.on('message', take)
    },
  ],
  [
    'a function that iterates late',
    (ready, take) => async (socket) => {
      await ready
      for await (const message of socket) take(message)
    },
  ],
  ['hooks that open late', (ready, take) => ({ open: () => ready, message: (_socket, data) => take(data) })],
]

const needsOf = (form: string) => ({ needs: form.startsWith('hooks') ? (['hooks'] as const) : [] })

/** Nothing that a peer sends is lost, or comes out of order. */
export const messages: readonly ContractCase[] = [
  ...SLOW.map(([form, make]) =>
    contractCase(
      `${MANY} that come in one packet with the handshake reach ${form}, through a slow step`,
      async (run) => {
        const [deciding, starting] = [gate(), gate()]
        const { take, all } = gather(MANY)
        const ready = deciding.reached.then(starting.wait)
        const application = await run.serve(make(ready, take), {
          before: [deciding.wait],
        })
        const connecting = run.connect(application, { after: manyMessages })
        await deciding.reached
        deciding.open()
        await starting.reached
        expect((await connecting).status).toBe(101)
        starting.open()
        expect(await all).toEqual(numbers)
      },
      needsOf(form),
    ),
  ),

  ...SLOW.map(([form, make]) =>
    contractCase(
      `those that come one by one before it is ready reach ${form}, with those after`,
      async (run) => {
        const ready = deferred()
        const { take, all } = gather(4)
        const client = await run.connect(await run.serve(make(ready.promise, take)))
        client.write(Buffer.concat([text('a'), ping('first')]))
        expect((await client.nextFrame()).payload.toString()).toBe('first')
        client.write(Buffer.concat([text('b', { fin: false }), ping('second'), continuation('c')]))
        expect((await client.nextFrame()).payload.toString()).toBe('second')
        ready.resolve()
        client.write(Buffer.concat([text('d'), text('e')]))
        expect(await all).toEqual(['a', 'bc', 'd', 'e'])
      },
      needsOf(form),
    ),
  ),

  contractCase('those of a peer that has gone already are still delivered, and then close', async (run) => {
    const ready = deferred()
    const events: unknown[] = []
    const { promise: closed, resolve } = deferred()
    const application = await run.serve(async (socket) => {
      socket.on('close', (code, reason) => {
        events.push([code, String(reason)])
        resolve()
      })
      await ready.promise
      socket.on('message', (data) => events.push(String(data)))
    })
    const client = await run.connect(application, {
      after: Buffer.concat([text('a'), text('b'), close(4000, 'bye')]),
    })
    client.end()
    ready.resolve()
    await closed
    expect(events).toEqual(['a', 'b', [4000, 'bye']])
  }),

  contractCase('a loop over them ends with the connection', async (run) => {
    const { promise: over, resolve } = deferred<unknown[]>()
    const application = await run.serve(async (socket) => {
      const seen: unknown[] = []
      for await (const message of socket) seen.push(message)
      resolve(seen)
    })
    await run.connect(application, {
      after: Buffer.concat([text('a'), binary(Buffer.of(0, 255)), close(1000)]),
    })
    expect(await over).toEqual(['a', Buffer.of(0, 255)])
  }),

  contractCase('a peer that sends more than is held is paused, and loses nothing', async (run) => {
    const ready = deferred()
    const count = 64
    const message = 'x'.repeat(64 * 1024)
    const { take, all } = gather(count)
    const application = await run.serve(async (socket) => {
      await ready.promise
      socket.on('message', take)
    })
    const connected = once(application.server, 'connection')
    const client = await run.connect(application)
    const [transport]: Socket[] = await connected
    for (let sent = 0; sent < count; sent++) client.write(text(message))
    await happens(() => transport.isPaused())
    expect(transport.bytesRead).toBeLessThan(1024 * 1024)
    ready.resolve()
    expect(await all).toEqual(Array.from({ length: count }, () => message))
  }),

  contractCase(
    'an async message hook is never run twice at a time, and its answers keep their order',
    async (run) => {
      const waiting: (() => void)[] = []
      let running = 0
      const application = await run.serve({
        async message(socket, data) {
          expect(++running).toBe(1)
          await new Promise<void>((resolve) => waiting.push(resolve))
          running--
          socket.send(data)
        },
      })
      const client = await run.connect(application, {
        after: Buffer.concat([text('a'), text('b'), text('c'), close(1000)]),
      })
      for (const answer of ['a', 'b', 'c']) {
        await happens(() => waiting.length === 1)
        waiting.pop()?.()
        await expectText(client, answer)
      }
      expect(await client.nextClose()).toEqual({ code: 1000, reason: '' })
      expect(application.errors).toEqual([])
    },
    { needs: ['hooks'] },
  ),

  contractCase('a listener gets bytes, and whether they are binary', async (run) => {
    const seen: unknown[] = []
    const application = await run.serve((socket) => {
      socket.on('message', (data, isBinary) => {
        seen.push([data, isBinary])
        if (seen.length === 3) socket.close(4001)
      })
    })
    const client = await run.connect(application, {
      after: Buffer.concat([text('žluť'), binary(Buffer.from('00ff', 'hex')), text('')]),
    })
    expect((await client.nextClose()).code).toBe(4001)
    expect(seen).toEqual([
      [Buffer.from('žluť'), false],
      [Buffer.from('00ff', 'hex'), true],
      [Buffer.alloc(0), false],
    ])
  }),

  contractCase(
    'a hook gets text as a string and binary as bytes',
    async (run) => {
      const message = vi.fn((socket: WebSocket, _data: string | Buffer, isBinary: boolean) => {
        if (isBinary) socket.close(4001)
      })
      const application = await run.serve({ message })
      const client = await run.connect(application, {
        after: Buffer.concat([text('žluť'), binary(Buffer.from('00ff', 'hex'))]),
      })
      expect((await client.nextClose()).code).toBe(4001)
      expect(message.mock.calls.map(([, ...got]) => got)).toEqual([
        ['žluť', false],
        [Buffer.from('00ff', 'hex'), true],
      ])
    },
    { needs: ['hooks'] },
  ),

  contractCase('the answer to one in front of a Close frame goes out before the Close frame', async (run) => {
    const application = await run.serve((socket) => {
      socket.on('message', (data, isBinary) => void socket.send(`got ${data}`, { binary: isBinary }))
    })
    const client = await run.connect(application, { after: Buffer.concat([text('last'), close(1000)]) })
    await expectText(client, 'got last')
    expect(await client.nextClose()).toEqual({ code: 1000, reason: '' })
  }),

  contractCase('those that are sent arrive whole and in order, whatever their length', async (run) => {
    const lengths = [0, 1, 125, 126, 65_535, 65_536, 300_000]
    const application = await run.serve((socket) => {
      for (const length of lengths) socket.send(Buffer.alloc(length, 7))
      socket.close(1000)
    })
    const client = await run.connect(application)
    const frames = await client.frames(lengths.length)
    expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual(
      lengths.map((length) => [0x2, length]),
    )
    expect(await client.nextClose()).toEqual({ code: 1000, reason: '' })
  }),
]
