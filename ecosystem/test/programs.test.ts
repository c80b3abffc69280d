import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, removeBuilt } from './built.ts'

const run = promisify(execFile)

let built = ''

beforeAll(async () => {
  built = await build()
}, 60_000)

afterAll(removeBuilt)

const SWAPPED = ['--import', './ecosystem/swap-ws.mjs']

/** What a program reports that finds @upwire/ws under the name ws. */
async function seenBy(program: string, options: readonly string[] = SWAPPED): Promise<unknown> {
  const args = [...options, `ecosystem/programs/${program}`]
  const env = { ...process.env, UPWIRE_BUILT: built, NODE_OPTIONS: '' }
  const { stdout } = await run(process.execPath, args, { env, timeout: 20_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

describe('written for ws, and run on Upwire', () => {
  it.each<[string, unknown]>([
    [
      'graphql-ws.mjs',
      [
        { hello: 'world' },
        { greetings: 'Hi' },
        { greetings: 'Bonjour' },
        { greetings: 'Hola' },
        'Cannot query field "nothing" on type "Query".',
        'graphql-transport-ws',
        1001,
      ],
    ],
    ['y-websocket.mjs', ['Both read what was written before ', ['Ada'], 2]],
    ['trpc.mjs', ['hello', 3, [1, 2, 3], 0]],
    ['superwstest.mjs', ['closed', 'refused']],
    [
      'socket.io.mjs',
      [['text', { type: 'Buffer', data: [...Buffer.from('bytes')] }], ['hello', 'hello'], 'transport close'],
    ],
    ['express-ws.cjs', ['Ada in kitchen: hello', 'a page', 3000]],
    ['fastify-websocket.cjs', ['kitchen: hello', 'Unexpected server response: 401', 1005]],
    ['nest-ws-adapter.cjs', [['Hello, Ada', 1, 2], 1006]],
  ])(
    '%s has its round trip',
    async (program, expected) => {
      expect(await seenBy(program)).toEqual(expected)
    },
    30_000,
  )

  it('shows nothing where ws is still ws', async () => {
    await expect(seenBy('trpc.mjs', [])).rejects.toThrow('WebSocketServer is not ours')
  })
})
