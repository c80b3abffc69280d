import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { codeBlocks } from './support/guide.ts'
import { type Program, runProgram } from './support/program.ts'

const readme = new URL('../README.md', import.meta.url)
const programs = codeBlocks(readme, 'ts')
const commands = codeBlocks(readme, 'sh').map((text) => text.trim())

let program: Program

afterEach(() => program?.stop())

/** Opens a connection and returns the texts it receives, one by one. */
async function open(path: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${program.port}${path}`, { headers })
  const first = once(socket, 'message')
  await once(socket, 'open')
  return { socket, first: async () => String((await first)[0]) }
}

async function pageAt(path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${program.port}${path}`)
  return response.text()
}

describe('the programs of the README', () => {
  it('says hello on Express, over HTTP and over a WebSocket', async () => {
    program = await runProgram('readme-express', programs[0])
    expect(await pageAt('/')).toBe('Hello over HTTP')
    const { socket, first } = await open('/hello/Ada')
    expect(await first()).toBe('Hello, Ada')
    socket.terminate()
  })

  it('says hello on Fastify, over HTTP and over a WebSocket', async () => {
    program = await runProgram('readme-fastify', programs[1])
    expect(await pageAt('/')).toBe('Hello over HTTP')
    const { socket, first } = await open('/hello/Ada')
    expect(await first()).toBe('Hello, Ada')
    socket.terminate()
  })

  it('says hello on Nest, in its wire format, to who has an authorization', async () => {
    program = await runProgram('readme-nest', programs[2])
    const stranger = new WebSocket(`ws://127.0.0.1:${program.port}/hello/Ada`)
    const [error] = await once(stranger, 'error')
    expect(error.message).toBe('Unexpected server response: 403')

    const { socket, first } = await open('/hello/Ada', { authorization: 'Bearer someone' })
    socket.send('{"event":"hello"}')
    expect(await first()).toBe('{"event":"hello","data":"Hello, Ada"}')
    socket.terminate()
  }, 30_000)

  it('lets a room talk on node:http, and refuses who has no authorization before the 101', async () => {
    program = await runProgram('readme-http', programs[3])
    expect(await pageAt('/')).toBe('Hello over HTTP')

    const stranger = new WebSocket(`ws://127.0.0.1:${program.port}/rooms/blue`)
    const [error] = await once(stranger, 'error')
    expect(error.message).toBe('Unexpected server response: 401')

    const headers = { authorization: 'Bearer someone' }
    const ada = await open('/rooms/blue', headers)
    const grace = await open('/rooms/blue', headers)
    ada.socket.send('good morning')
    expect(await grace.first()).toBe('good morning')
    ada.socket.terminate()
    grace.socket.terminate()
  })

  it('echoes in a loop, text as text', async () => {
    program = await runProgram('readme-loop', programs[4])
    const { socket } = await open('/echo')
    socket.send('once more')
    const [data, isBinary] = await once(socket, 'message')
    expect([String(data), isBinary]).toEqual(['once more', false])
    socket.terminate()
  })

  it('has no program that is not run here', () => {
    expect(programs).toHaveLength(5)
  })
})

describe('the commands of the README', () => {
  it('are the ones that the tests of the repository and of the demo run', () => {
    expect(commands).toEqual(['npm install @upwire/express', 'npm ci && npm start', 'npm ci && npm test'])
    const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(scripts).toMatchObject({
      test: 'vitest run',
      start: expect.stringContaining('examples/express-chat'),
    })
  })
})
