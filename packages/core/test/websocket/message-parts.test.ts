import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { type MessageParts, readParts } from '../../src/websocket/message-parts.ts'

async function* asynchronous() {
  yield 'a'
  yield 'b'
}

function* synchronous() {
  yield 'a'
  yield 'b'
}

const sources: [what: string, make: () => MessageParts][] = [
  ['an array', () => ['a', 'b']],
  ['a generator', synchronous],
  ['an async generator', asynchronous],
  ["Node's Readable", () => Readable.from(['a', 'b'])],
  ["the web's ReadableStream", () => new Response('ab').body as ReadableStream<Uint8Array>],
]

describe('the parts of a message', () => {
  it.each(sources)('are read from %s', async (_what, make) => {
    const reader = readParts(make())
    let text = ''
    for (let part = await reader.next(); !part.done; part = await reader.next()) {
      text += typeof part.value === 'string' ? part.value : Buffer.from(part.value as Uint8Array)
    }
    expect(text).toBe('ab')
  })

  it.each([
    ['a string', 'abc'],
    ['a Buffer', Buffer.from('abc')],
    ['an ArrayBuffer', new ArrayBuffer(3)],
    ['a number', 5],
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
  ])('are not %s', (_what, value) => {
    expect(() => readParts(value as never)).toThrow(
      new TypeError(
        'The parts of a message must be an iterable, an async iterable or a readable stream; a message that is whole goes to send()',
      ),
    )
  })
})

describe('who makes the parts', () => {
  it('is told that no more are wanted', async () => {
    const ended = vi.fn()
    async function* parts() {
      try {
        yield 'a'
        yield 'b'
      } finally {
        ended()
      }
    }
    const reader = readParts(parts())
    await reader.next()
    await reader.stop()
    expect(ended).toHaveBeenCalledTimes(1)
  })

  it('need not be one who can be told', () => {
    const iterator = { next: () => ({ done: true as const, value: undefined }) }
    expect(readParts({ [Symbol.iterator]: () => iterator }).stop()).toBeUndefined()
  })

  it("is told while a part is awaited that never comes, with Node's Readable", async () => {
    const stream = new Readable({ read() {} })
    const reader = readParts(stream)
    const pending = Promise.resolve(reader.next()).catch(() => 'over')
    reader.stop()
    await once(stream, 'close')
    expect(await pending).toBe('over')
  })

  it("is told while a part is awaited that never comes, with the web's ReadableStream", async () => {
    const cancel = vi.fn()
    const reader = readParts(new ReadableStream({ cancel }))
    const pending = reader.next()
    await reader.stop()
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(await pending).toEqual({ done: true, value: undefined })
  })
})
