import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { codeBlocks } from './support/guide.ts'
import { type Program, runProgram } from './support/program.ts'

const guides = new URL('../docs/guides/', import.meta.url)

let program: Program

afterEach(() => program?.stop())

async function open(path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${program.port}${path}`)
  await once(socket, 'open')
  return socket
}

/** What the program sends back for a message. */
async function answerTo(path: string, message: string | Buffer): Promise<string> {
  const socket = await open(path)
  socket.send(message)
  const [answer] = await once(socket, 'message')
  socket.terminate()
  return String(answer)
}

/** For each guide, what is seen of each of its programs. */
const GUIDES: Record<string, readonly [sentence: string, see: () => Promise<void>][]> = {
  'streams.md': [
    [
      'hashes an upload while it arrives',
      async () => {
        const upload = Buffer.alloc(3 * 1024 * 1024, 'upload')
        const hash = createHash('sha256').update(upload).digest('hex')
        expect(await answerTo('/upload', upload)).toBe(hash)
      },
    ],
    [
      'echoes a message while it arrives',
      async () => {
        const message = 'a€👍'.repeat(100_000)
        expect((await answerTo('/echo', message)) === message).toBe(true)
      },
    ],
    [
      'sends a file as one text',
      async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${program.port}/readme`)
        const [[text, isBinary], [code]] = await Promise.all([once(socket, 'message'), once(socket, 'close')])
        const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
        expect([String(text) === readme, isBinary, code]).toEqual([true, false, 1000])
      },
    ],
    [
      'pipes messages through web streams',
      async () => {
        expect(await answerTo('/shout', 'hello')).toBe('HELLO')
      },
    ],
  ],
}

describe.each(Object.entries(GUIDES))('the guide %s', (name, sights) => {
  const programs = codeBlocks(new URL(name, guides), 'ts')

  it.each(sights.map(([sentence], index) => [sentence, index] as const))(
    'has a program that %s',
    async (_sentence, index) => {
      program = await runProgram(`${name}-${index}`, programs[index])
      await sights[index][1]()
    },
  )

  it('has no program that is not run here', () => {
    expect(programs).toHaveLength(sights.length)
  })
})

it('no guide is left out', () => {
  const pages = readdirSync(guides).filter((name) => name.endsWith('.md'))
  expect(pages).toEqual(Object.keys(GUIDES).sort())
})
