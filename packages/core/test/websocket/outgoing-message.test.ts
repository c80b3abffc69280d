import { describe, expect, it, vi } from 'vitest'
import type { MessageParts } from '../../src/websocket/message-parts.ts'
import {
  type FragmentSender,
  OutgoingMessage,
  type SendStreamOptions,
} from '../../src/websocket/outgoing-message.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

/** Writes down fragments as `opcode:payload`, with a `.` behind the last; is full when told so. */
class FragmentRecorder implements FragmentSender {
  readonly fragments: string[] = []
  readonly errors: unknown[] = []
  isFull = false

  sendFragment(opcode: number, payload: Buffer, fin: boolean): boolean {
    this.fragments.push(`${opcode}:${payload}${fin ? '.' : ''}`)
    return !this.isFull
  }

  userError(error: unknown): void {
    this.errors.push(error)
  }
}

function begin(parts: MessageParts, options: SendStreamOptions = {}) {
  const sender = new FragmentRecorder()
  const message = new OutgoingMessage(parts, options)
  void message.begin(sender)
  return { message, sender }
}

async function fragmentsOf(parts: MessageParts, options?: SendStreamOptions): Promise<string[]> {
  const { message, sender } = begin(parts, options)
  await message.sent
  return sender.fragments
}

describe('a message that is sent in parts', () => {
  it('has a frame for each, and an empty one for its end', async () => {
    expect(await fragmentsOf(['Hel', 'lo'])).toEqual(['1:Hel', '1:lo', '1:.'])
  })

  it('has no frame for an empty part', async () => {
    expect(await fragmentsOf(['', 'a', Buffer.alloc(0)])).toEqual(['1:a', '1:.'])
  })

  it.each([
    [[], undefined, 2],
    [[], false, 1],
    [['a', Buffer.of(0x62)], undefined, 1],
    [[Buffer.of(0x61), 'b'], undefined, 2],
    [['', Buffer.of(0x61)], undefined, 1],
    [['a'], true, 2],
    [[Buffer.of(0x61)], false, 1],
  ])('is text or binary as its first part or the option says: %j with %j', async (parts, binary, opcode) => {
    const fragments = await fragmentsOf(parts, binary === undefined ? {} : { binary })
    expect(new Set(fragments.map((fragment) => fragment[0]))).toEqual(new Set([String(opcode)]))
  })

  it('takes every kind of bytes, exactly those that a view shows', async () => {
    const { buffer } = Uint8Array.of(0x61, 0x62, 0x63)
    const parts = [buffer, new Uint8Array(buffer, 1), new DataView(buffer, 2)]
    expect(await fragmentsOf(parts)).toEqual(['2:abc', '2:bc', '2:c', '2:.'])
  })

  it('has several frames for a part of more than 64 KiB', async () => {
    const fragments = await fragmentsOf(['x'.repeat(150 * KIB)])
    expect(fragments.map(({ length }) => length)).toEqual([64 * KIB + 2, 64 * KIB + 2, 22 * KIB + 2, 3])
  })

  it('keeps a character whole that its parts cut between surrogates', async () => {
    const fragments = await fragmentsOf([...'a👍b'.split(''), '👍👍'.slice(0, 3), '', '\udc4d'])
    expect(fragments).toEqual(['1:a', '1:👍', '1:b', '1:👍', '1:👍', '1:.'])
  })

  it.each([
    [['\ud83d'], '1:\ufffd.'],
    [['a', '\ud83d'], '1:a', '1:\ufffd.'],
    [['\ud83d', 'b'], '1:\ufffdb', '1:.'],
    [['\udc4d'], '1:\ufffd', '1:.'],
  ])(
    'replaces half of a pair that stays alone, so that the text is UTF-8: %j',
    async (parts, ...expected) => {
      expect(await fragmentsOf(parts)).toEqual(expected)
    },
  )

  it('puts half of a pair in front of bytes that follow it', async () => {
    expect(await fragmentsOf(['a\ud83d', Buffer.from('b')])).toEqual(['1:a', '1:\ufffdb', '1:.'])
  })

  it('asks for the next part when the one before has room to leave', async () => {
    const asked = vi.fn()
    function* parts() {
      for (const part of ['a', 'b', 'c']) {
        asked(part)
        yield part
      }
    }
    const { message, sender } = begin([])
    await message.sent
    sender.isFull = true
    const waiting = new OutgoingMessage(parts(), {})
    void waiting.begin(sender)
    await turns()
    expect(asked.mock.calls).toEqual([['a']])
    waiting.flowsAgain()
    await turns()
    expect(asked.mock.calls).toEqual([['a'], ['b']])
    sender.isFull = false
    waiting.flowsAgain()
    await waiting.sent
    expect(sender.fragments.slice(1)).toEqual(['1:a', '1:b', '1:c', '1:.'])
  })
})

describe('a message whose parts fail', () => {
  const failure = new Error('disk on fire')

  async function* failing() {
    yield 'a'
    throw failure
  }

  it('is an error of user code, and rejects with it', async () => {
    const { message, sender } = begin(failing())
    await expect(message.sent).rejects.toBe(failure)
    expect([sender.errors, sender.fragments]).toEqual([[failure], ['1:a']])
  })

  it('tells who makes them to stop where one is no payload', async () => {
    const ended = vi.fn()
    function* parts() {
      try {
        yield 5 as never
      } finally {
        ended()
      }
    }
    const { message, sender } = begin(parts())
    await expect(message.sent).rejects.toThrow(TypeError)
    expect([ended.mock.calls.length, sender.errors.length]).toEqual([1, 1])
  })
})

describe('a message that is cut', () => {
  const CUT = new Error('the reason')

  it('rejects, tells who makes the parts to stop, and sends no more', async () => {
    const ended = vi.fn()
    async function* parts() {
      try {
        for (;;) yield 'a'
      } finally {
        ended()
      }
    }
    const { message, sender } = begin(parts())
    sender.isFull = true
    await turns()
    message.cut(CUT)
    message.cut(CUT)
    await expect(message.sent).rejects.toBe(CUT)
    await turns()
    expect([ended.mock.calls.length, sender.errors]).toEqual([1, []])
    expect(new Set(sender.fragments)).toEqual(new Set(['1:a']))
  })

  it('does not wait for a part that is late, nor sends it', async () => {
    let bring: (part: string) => void = () => {}
    const next = new Promise<IteratorResult<string>>((resolve) => {
      bring = (value) => resolve({ done: false, value })
    })
    const stop = vi.fn(() => Promise.reject(new Error('whatever')))
    const { message, sender } = begin({
      [Symbol.asyncIterator]: () => ({ next: () => next, return: stop }),
    })
    message.cut(CUT)
    await expect(message.sent).rejects.toBe(CUT)
    bring('late')
    await turns()
    expect([sender.fragments, sender.errors, stop.mock.calls.length]).toEqual([[], [], 1])
  })

  it('has no effect once all was sent', async () => {
    const { message } = begin(['a'])
    await message.sent
    message.cut(CUT)
    await expect(message.sent).resolves.toBeUndefined()
  })
})
