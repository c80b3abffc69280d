import { expect } from 'vitest'
import type { ContractApplication, ContractOptions } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import type { Capability } from './harness.ts'

/** Options that cannot be used, and what the error says. */
const BAD_OPTIONS: readonly [options: object, message: RegExp, needs?: Capability][] = [
  [{ maxPayLoad: 1 }, /maxPayLoad.*did you mean maxPayload\?/],
  [{ orgin: 'https://app.example' }, /orgin.*did you mean origin\?/],
  [{ colour: 'red' }, /no option colour/, 'closed options'],
  [{ maxPayload: -1 }, /maxPayload must be a number of bytes above 0, not -1/],
  [{ maxPayload: '1mb' }, /maxPayload must be/],
  [{ maxFragments: 0 }, /maxFragments must be/],
  [{ messageTimeout: -1 }, /messageTimeout must be a time in milliseconds/],
  [{ messageRate: 0 }, /messageRate must be/],
  [{ pingInterval: Number.NaN }, /pingInterval must be a time/],
  [{ pongTimeout: '10s' }, /pongTimeout must be a time/],
  [{ idleTimeout: null }, /idleTimeout must be a time/],
  [{ maxBackpressure: 1.5 }, /maxBackpressure must be/],
  [{ backpressurePolicy: 'wait' }, /backpressurePolicy must be 'close' or 'drop'/],
  [{ closeTimeout: -1 }, /closeTimeout must be a time/],
  [{ handshakeTimeout: -1 }, /handshakeTimeout must be a time/],
  [{ maxConnections: 0 }, /maxConnections must be a number above 0/],
  [{ subprotocols: 'v1' }, /subprotocols.*write \['v1'\]/],
  [{ origin: '*' }, /dangerously-any/],
  [{ perMessageDeflate: 'yes' }, /perMessageDeflate/],
]

/** Handlers that are none. */
const BAD_HANDLERS: readonly [what: string, handler: unknown, message: RegExp, needs?: Capability][] = [
  ['no handler', undefined, /handler/, 'hooks'],
  ['a promise', Promise.resolve(() => {}), /promise/, 'hooks'],
  ['an unknown hook', { mesage() {} }, /mesage.*did you mean message\?/, 'hooks'],
  ['no hook at all', {}, /no hook/, 'hooks'],
  ['a hook that is none', { message: 'echo' }, /hook message must be a function/, 'hooks'],
]

const routeWith = (options: object): ContractApplication => ({
  routes: [{ path: '/chat', handler: () => {}, options: options as ContractOptions }],
})

const show = (options: object): string =>
  Object.entries(options)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? `'${value}'` : value}`)
    .join()

/** A mistake is told where it is made, when the application is built, with what to write instead. */
export const registration: readonly ContractCase[] = [
  ...BAD_OPTIONS.flatMap(([options, message, need]) => [
    contractCase(
      `the option ${show(options)} of a route is a mistake`,
      async (run) => {
        const starting = run.start(routeWith(options))
        await expect(starting).rejects.toThrow(TypeError)
        await expect(starting).rejects.toThrow(message)
      },
      { needs: need ? [need] : [] },
    ),
    contractCase(`the option ${show(options)} of the application is a mistake`, async (run) => {
      const starting = run.start({ routes: [], options: options as ContractOptions })
      await expect(starting).rejects.toThrow(TypeError)
      await expect(starting).rejects.toThrow(message)
    }),
  ]),

  ...BAD_HANDLERS.map(([what, handler, message, need]) =>
    contractCase(
      `${what} as handler is a mistake`,
      async (run) => {
        const starting = run.start({ routes: [{ path: '/chat', handler: handler as never }] })
        await expect(starting).rejects.toThrow(TypeError)
        await expect(starting).rejects.toThrow(message)
      },
      { needs: need ? [need] : [] },
    ),
  ),
]
