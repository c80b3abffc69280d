import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Answer, RunningApplication } from '../../src/contract/application.ts'
import {
  expectRefused,
  expectStats,
  expectStatus,
  expectText,
  happens,
} from '../../src/contract/expectations.ts'
import { binary, type RawClient, rawUpgrade, text } from '../../src/index.ts'

const REFUSED = 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno'
const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n'

/** A client of a server that says this, whatever it is asked, and ends. */
async function told(...answer: (string | Uint8Array)[]): Promise<RawClient> {
  const bytes = Buffer.concat(answer.map((part) => Buffer.from(part)))
  const server = createServer((stream) => void stream.once('data', () => stream.end(bytes)))
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return rawUpgrade(server)
}

describe('a refusal', () => {
  const answer: Answer = { status: 401, headers: { 'X-Why': 'no' }, body: 'no' }

  it('is what it says', async () => {
    await expectRefused(await told(REFUSED), answer)
    await expectStatus(await told(REFUSED), 400, 401)
  })

  it.each<[string, Answer]>([
    ['status', { ...answer, status: 403 }],
    ['header', { ...answer, headers: { 'X-Why': 'yes' } }],
    ['body', { ...answer, body: '' }],
  ])('is not that with another %s', async (_, other) => {
    await expect(expectRefused(await told(REFUSED), other)).rejects.toThrow('expected')
  })

  it('has nothing of a 101 and nothing behind it, and ends the connection', async () => {
    await expect(expectRefused(await told(REFUSED, text('hi')), answer)).rejects.toThrow()
    await expect(expectStatus(await told(ACCEPTED), 101)).rejects.toThrow()
    await expect(expectStatus(await told(REFUSED.replace('close', 'x')), 401)).rejects.toThrow()
  })
})

describe('a message', () => {
  it('is the next text', async () => {
    await expectText(await told(ACCEPTED, text('hi', { mask: false })), 'hi')
  })

  it('is no other text, and no bytes', async () => {
    await expect(expectText(await told(ACCEPTED, text('ho', { mask: false })), 'hi')).rejects.toThrow()
    const bytes = binary(Buffer.from('hi'), { mask: false })
    await expect(expectText(await told(ACCEPTED, bytes), 'hi')).rejects.toThrow()
  })
})

describe('what is waited for', () => {
  it('may happen later', async () => {
    let looks = 0
    await happens(() => ++looks === 3)
    expect(looks).toBe(3)
  })

  it('may be counted later', async () => {
    let open = 3
    const application = { stats: () => ({ open: --open }) } as RunningApplication
    await expectStats(application, { open: 0 })
    await expect(expectStats(application, { open: 1 })).rejects.toThrow()
  })
})
