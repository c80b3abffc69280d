import { UpgradeRejection } from '@upwire/core'
import { expect, vi } from 'vitest'
import { text } from '../frames.ts'
import { handshakeBytes, rawRequest, SAMPLE_KEY, type UpgradeOptions } from '../raw-client.ts'
import type { Answer, ContractOptions, Step } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import { deferred } from './deferred.ts'
import { expectRefused, expectStats, expectStatus, expectText, happens } from './expectations.ts'

const REFUSAL = {
  status: 401,
  headers: { 'WWW-Authenticate': 'Bearer realm="chat"', 'Content-Type': 'text/x-reason; charset=utf-8' },
  body: 'Sign in first, ž',
} as const satisfies Answer

const never = (): never => expect.unreachable('The handler ran')

/** Ways in which the `upgrade` hook says what is in `REFUSAL`. */
const HOOK_REFUSALS: readonly [how: string, upgrade: () => unknown][] = [
  ['returns an UpgradeRejection', () => new UpgradeRejection(REFUSAL.status, REFUSAL)],
  [
    'throws an UpgradeRejection',
    () => {
      throw new UpgradeRejection(REFUSAL.status, REFUSAL)
    },
  ],
  ['resolves to an UpgradeRejection', async () => new UpgradeRejection(REFUSAL.status, REFUSAL)],
  ['rejects with an UpgradeRejection', () => Promise.reject(new UpgradeRejection(REFUSAL.status, REFUSAL))],
  ['returns a Response', () => new Response(REFUSAL.body, REFUSAL)],
  [
    'throws a Response',
    () => {
      throw new Response(REFUSAL.body, REFUSAL)
    },
  ],
  ['rejects with a Response', () => Promise.reject(new Response(REFUSAL.body, REFUSAL))],
]

const FAULT = new Error('a bug')

const fail = (): never => {
  throw FAULT
}

const FAILING_STEPS: readonly [how: string, step: Step][] = [
  ['throws', fail],
  ['rejects', () => Promise.reject(FAULT)],
]

/** Options that are functions of the application. */
const FAILING_RULES: Readonly<Record<string, ContractOptions>> = {
  'an origin rule': { origin: fail },
  'a subprotocol rule': { subprotocols: fail },
}

/** Handshakes that can never become a connection (RFC 6455 §4.2.1), and what they are told. */
const BAD_HANDSHAKES: readonly [what: string, handshake: UpgradeOptions, answer: Answer][] = [
  ['that is no GET', { method: 'POST' }, { status: 405, headers: { Allow: 'GET' } }],
  [
    'of version 12',
    { headers: { 'Sec-WebSocket-Version': '12' } },
    { status: 426, headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' } },
  ],
  ['without a version', { headers: { 'Sec-WebSocket-Version': null } }, { status: 400 }],
  ['without a key', { headers: { 'Sec-WebSocket-Key': null } }, { status: 400 }],
  ['with two keys', { headers: { 'Sec-WebSocket-Key': [SAMPLE_KEY, SAMPLE_KEY] } }, { status: 400 }],
  ['with a key of 15 bytes', { headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' } }, { status: 400 }],
  ['with a key that is no base64', { headers: { 'Sec-WebSocket-Key': '!'.repeat(24) } }, { status: 400 }],
  [
    'with a malformed list of subprotocols',
    { headers: { 'Sec-WebSocket-Protocol': 'a,,b c' } },
    { status: 400 },
  ],
  [
    'with malformed extensions',
    { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' } },
    { status: 400 },
  ],
  ['of a page of another origin', { headers: { Origin: 'https://evil.example' } }, { status: 403 }],
  ['of a page without an origin of its own', { headers: { Origin: 'null' } }, { status: 403 }],
]

/** Who may not connect is told so in HTTP, by the application's own words. */
export const refusals: readonly ContractCase[] = [
  contractCase('a step of the route refuses, to the last byte', async (run) => {
    const application = await run.serve(never, { before: [() => undefined, () => REFUSAL, never] })
    await expectRefused(await run.connect(application, { after: text('early') }), REFUSAL)
    await expectStats(application, { open: 0, pending: 0, accepted: 0 })
    expect(application.errors).toEqual([])
  }),

  contractCase('a step of the application refuses, to the last byte', async (run) => {
    const application = await run.start({
      before: [() => undefined, () => REFUSAL],
      routes: [{ path: '/chat', handler: never, before: [never] }],
    })
    await expectRefused(await run.connect(application), REFUSAL)
    expect(application.errors).toEqual([])
  }),

  contractCase(
    'a refusal reaches a peer that has sent a lot behind its handshake, and that is the end of it',
    async (run) => {
      const application = await run.serve(never, { before: [() => REFUSAL] })
      await expectRefused(await run.connect(application, { after: Buffer.alloc(2 ** 21) }), REFUSAL)
      await expectStats(application, { pending: 0, rejected: 1 })
    },
  ),

  contractCase('a step may look at the request, and takes its time', async (run) => {
    const decision = deferred<Answer | undefined>()
    const asked = vi.fn()
    const application = await run.serve((socket) => socket.send('welcome'), {
      before: [
        ({ method, url, headers }) => {
          asked(method, url, headers.cookie)
          return headers.cookie === 'session=1' ? undefined : decision.promise
        },
      ],
    })
    const connecting = run.connect(application, { path: '/chat?a=1' })
    await happens(() => asked.mock.calls.length === 1)
    expect(asked).toHaveBeenCalledExactlyOnceWith('GET', '/chat?a=1', undefined)
    decision.resolve(REFUSAL)
    await expectRefused(await connecting, REFUSAL)
    const allowed = await run.connect(application, { headers: { Cookie: 'session=1' } })
    await expectText(allowed, 'welcome')
  }),

  contractCase('headers that earlier steps have set go with the refusal', async (run) => {
    const application = await run.serve(never, {
      before: [
        (_request, setHeader) => {
          setHeader('X-Request-Id', '7')
          setHeader('Set-Cookie', 'a=1')
          setHeader('Set-Cookie', 'b=2')
          return
        },
        () => REFUSAL,
      ],
    })
    const client = await run.connect(application)
    await expectRefused(client, { ...REFUSAL, headers: { ...REFUSAL.headers, 'X-Request-Id': '7' } })
    expect(client.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
  }),

  ...HOOK_REFUSALS.map(([how, upgrade]) =>
    contractCase(
      `an upgrade hook that ${how} refuses, to the last byte`,
      async (run) => {
        const application = await run.serve({ upgrade, open: never })
        await expectRefused(await run.connect(application, { after: text('early') }), REFUSAL)
        await expectStats(application, { open: 0, pending: 0, accepted: 0 })
        expect(application.errors).toEqual([])
      },
      { needs: ['hooks'] },
    ),
  ),

  contractCase(
    'the bytes of a refusal are sent as they are',
    async (run) => {
      const body = Buffer.from('00ff80fe0d0a', 'hex')
      const application = await run.serve({ upgrade: () => new UpgradeRejection(403, { body }), open: never })
      const client = await run.connect(application)
      await client.ended
      expect([client.status, client.received.toString('hex')]).toEqual([403, '00ff80fe0d0a'])
    },
    { needs: ['hooks'] },
  ),

  contractCase(
    'a data option refuses as a hook does',
    async (run) => {
      const data = () => Promise.reject(new UpgradeRejection(REFUSAL.status, REFUSAL))
      const application = await run.serve(never, { options: { data } })
      await expectRefused(await run.connect(application), REFUSAL)
    },
    { needs: ['data option'] },
  ),

  ...FAILING_STEPS.map(([how, step]) =>
    contractCase(`a step that ${how} is a 500, and an error of the application once`, async (run) => {
      const application = await run.serve(never, { before: [step] })
      await expectStatus(await run.connect(application, { after: text('early') }), 500)
      expect(application.errors).toEqual([FAULT])
    }),
  ),

  ...FAILING_STEPS.map(([how, step]) =>
    contractCase(
      `an upgrade hook that ${how} is a 500, and an error of the application once`,
      async (run) => {
        const application = await run.serve({ upgrade: (request) => step(request, never), open: never })
        await expectStatus(await run.connect(application), 500)
        expect(application.errors).toEqual([FAULT])
      },
      { needs: ['hooks'] },
    ),
  ),

  ...Object.entries(FAILING_RULES).map(([name, options]) =>
    contractCase(`${name} that throws is a 500, and an error of the application once`, async (run) => {
      const application = await run.serve(never, { options })
      const headers = { 'Sec-WebSocket-Protocol': 'v1' }
      await expectStatus(await run.connect(application, { headers }), 500)
      expect(application.errors).toEqual([FAULT])
    }),
  ),

  contractCase('an error with a status, as http-errors makes them, is that status', async (run) => {
    const forbidden = Object.assign(new Error('Not you'), { status: 403, statusCode: 403, expose: true })
    const application = await run.serve(never, { before: [() => Promise.reject(forbidden)] })
    await expectStatus(await run.connect(application), 403)
  }),

  contractCase('a path that nobody serves is a 404', async (run) => {
    const application = await run.serve((socket) => socket.send('welcome'))
    await expectStatus(await run.connect(application, { path: '/none' }), 404)
    await expectStatus(await run.connect(application, { path: '/chat/none' }), 404)
    const client = await run.connect(application)
    await expectText(client, 'welcome')
  }),

  contractCase('a path that cannot be decoded is the fault of the client', async (run) => {
    const application = await run.start({ routes: [{ path: '/rooms/:room', handler: never }] })
    await expectStatus(await run.connect(application, { path: '/rooms/%zz' }), 400, 404)
    expect(application.errors.filter((error) => !(error instanceof Error))).toEqual([])
  }),

  contractCase('the path of a page is answered in HTTP', async (run) => {
    const application = await run.serve(never, { pages: [{ path: '/page', body: 'the page' }] })
    await expectStatus(await run.connect(application, { path: '/page', after: text('hi') }), 200, 404, 426)
  }),

  ...BAD_HANDSHAKES.map(([what, handshake, { status, headers = {} }]) =>
    contractCase(`a handshake ${what} is a ${status}, and its route is not asked`, async (run) => {
      const application = await run.serve(never, { before: [never] })
      const client = await run.connect(application, handshake)
      await expectStatus(client, status)
      for (const [name, value] of Object.entries(headers)) {
        expect(client.headers.get(name.toLowerCase())).toEqual([value])
      }
    }),
  ),

  contractCase('a handshake of HTTP/1.0 is a 400', async (run) => {
    const application = await run.serve(never)
    const bytes = handshakeBytes(application.server, { path: '/chat' }).toString('latin1')
    const client = await rawRequest(application.server, bytes.replace('HTTP/1.1', 'HTTP/1.0'))
    run.keep(client)
    await expectStatus(client, 400)
  }),

  contractCase('a step that takes longer than handshakeTimeout is a 503, and comes too late', async (run) => {
    const decision = deferred<undefined>()
    const application = await run.serve(never, {
      options: { handshakeTimeout: 20 },
      before: [() => decision.promise],
    })
    await expectStatus(await run.connect(application), 503)
    decision.resolve(undefined)
    await expectStats(application, { open: 0, pending: 0, accepted: 0, rejected: 1 })
  }),

  contractCase(
    'an upgrade hook that takes longer than handshakeTimeout is a 503, and comes too late',
    async (run) => {
      const decision = deferred()
      const application = await run.serve(
        { upgrade: () => decision.promise, open: never },
        { options: { handshakeTimeout: 20 } },
      )
      await expectStatus(await run.connect(application), 503)
      decision.resolve()
      await expectStats(application, { open: 0, pending: 0, accepted: 0, rejected: 1 })
    },
    { needs: ['hooks'] },
  ),
]
