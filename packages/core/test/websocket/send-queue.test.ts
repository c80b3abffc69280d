import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { FIN } from '../../src/protocol/frame-header.ts'
import { encodeFrame } from '../../src/protocol/frame-writer.ts'
import { Opcode } from '../../src/protocol/opcode.ts'
import { type QueueOwner, type SendCallback, SendQueue } from '../../src/websocket/send-queue.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = 1024 * KIB
const TEXT = FIN | Opcode.Text
const BINARY = FIN | Opcode.Binary

/** An owner with a stream of its own, who counts how often a queue came back, and flushes one that waited. */
class Owner implements QueueOwner {
  readonly stream = new BlockableTransport()
  flushes = 0
  /** How often it was told to wait for the stream. */
  waits = 0
  /** How much the stream had been given each time that it was said to have everything. */
  readonly given: number[] = []

  #queue: SendQueue | undefined

  /** The queue that waits, or a new one. */
  get queue(): SendQueue {
    this.#queue ??= SendQueue.lendTo(this)
    return this.#queue
  }

  queueFlushed(): void {
    this.flushes++
    this.#queue = undefined
  }

  queueWaits(): void {
    this.waits++
    if (this.stream.listenerCount('drain') === 0) this.stream.once('drain', () => this.#queue?.flush())
  }

  queueWritten(): void {
    this.given.push(this.stream.written.length)
  }

  /** The wire bytes of each write of the stream, in hex. */
  get writes(): string[] {
    return this.stream.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))
  }
}

/** What a queue writes that is flushed after `fill`, in hex, one entry for each write. */
function writesOf(fill: (queue: SendQueue) => void): string[] {
  const owner = new Owner()
  const queue = SendQueue.lendTo(owner)
  fill(queue)
  queue.flush()
  return owner.writes
}

const bytes = (length: number, first = 0) => Buffer.from(Array.from({ length }, (_, index) => first + index))

describe('a text', () => {
  it('is one frame', () => {
    expect(writesOf((queue) => queue.text(TEXT, 'Hello'))).toEqual(['810548656c6c6f'])
    expect(writesOf((queue) => queue.text(TEXT, '€'))).toEqual(['8103e282ac'])
    expect(writesOf((queue) => queue.text(TEXT, ''))).toEqual(['8100'])
  })

  const texts = [1, 40, 41, 42, 43, 124, 125, 126, 127, 5461, 5462, 16_383, 16_384, 16_385, 65_535, 65_536]
  const characters = ['a', 'é', '€', '😀', '\ud800', 'a€']
  it.each(characters)('of %j is the same frame as its bytes, at any length', (character) => {
    for (const length of texts) {
      const text = character.repeat(Math.ceil(length / character.length)).slice(0, length)
      const frame = encodeFrame(TEXT, Buffer.from(text)).toString('hex')
      expect(writesOf((queue) => queue.text(TEXT, text)).join(''), `${length} units`).toBe(frame)
    }
  })

  it('may change its characters anywhere', () => {
    for (let at = 0; at <= 60; at++) {
      const text = `${'a'.repeat(at)}€${'b'.repeat(60 - at)}`.slice(0, 41)
      const frame = encodeFrame(TEXT, Buffer.from(text)).toString('hex')
      expect(writesOf((queue) => queue.text(TEXT, text))).toEqual([frame])
    }
  })
})

describe('a payload', () => {
  it.each([0, 1, 31, 32, 33, 125, 126, 16_384, 16_385, 65_535, 65_536])(
    'of %i bytes is one frame',
    (length) => {
      const payload = bytes(length)
      const writes = writesOf((queue) => queue.payload(BINARY, payload))
      expect(writes).toEqual([encodeFrame(BINARY, payload).toString('hex')])
    },
  )

  it('is exactly the bytes that its view shows', () => {
    const { buffer } = new Uint8Array(bytes(100_000))
    for (const length of [4, 20_000]) {
      const view = new Uint8Array(buffer, 3, length)
      const frame = encodeFrame(BINARY, bytes(length, 3)).toString('hex')
      expect(writesOf((queue) => queue.payload(BINARY, view))).toEqual([frame])
    }
  })

  it('may be changed at once where it is small', () => {
    const payload = bytes(16 * KIB)
    const frame = encodeFrame(BINARY, payload).toString('hex')
    const writes = writesOf((queue) => {
      queue.payload(BINARY, payload)
      payload.fill(0xee)
    })
    expect(writes).toEqual([frame])
  })

  it('is not copied where it is large', () => {
    const owner = new Owner()
    const payload = Buffer.allocUnsafeSlow(16 * KIB + 1)
    const queue = SendQueue.lendTo(owner)
    queue.payload(BINARY, payload)
    queue.flush()
    const [[, chunk]] = owner.stream.writes
    expect([chunk.buffer, chunk.length]).toEqual([payload.buffer, payload.length])
  })
})

describe('a queue', () => {
  it('writes nothing before it is flushed, and then all at once', () => {
    const owner = new Owner()
    const queue = SendQueue.lendTo(owner)
    queue.text(TEXT, 'a')
    queue.payload(BINARY, Buffer.of(1))
    queue.frame(encodeFrame(FIN | Opcode.Ping, Buffer.alloc(0)))
    expect([owner.writes, queue.bytes]).toEqual([[], 3 + 3 + 2])
    queue.flush()
    expect(owner.writes).toEqual(['810161' + '820101' + '8900'])
  })

  it('keeps the order of small, large and shared frames', () => {
    const shared = { small: encodeFrame(TEXT, bytes(100, 1)), large: encodeFrame(BINARY, bytes(20_000, 2)) }
    const fill = (queue: SendQueue) => {
      queue.text(TEXT, 'first')
      queue.payload(BINARY, bytes(20_000, 3))
      queue.frame(shared.small)
      queue.frame(shared.large)
      queue.payload(BINARY, bytes(10, 4))
      queue.text(TEXT, 'x'.repeat(17_000))
      queue.text(TEXT, 'last')
    }
    const expected = Buffer.concat([
      encodeFrame(TEXT, Buffer.from('first')),
      encodeFrame(BINARY, bytes(20_000, 3)),
      shared.small,
      shared.large,
      encodeFrame(BINARY, bytes(10, 4)),
      encodeFrame(TEXT, Buffer.from('x'.repeat(17_000))),
      encodeFrame(TEXT, Buffer.from('last')),
    ])
    expect(writesOf(fill)).toEqual([expected.toString('hex')])
  })

  it('counts the bytes it has not handed on', () => {
    const owner = new Owner()
    const queue = SendQueue.lendTo(owner)
    queue.payload(BINARY, bytes(20_000))
    queue.frame(encodeFrame(BINARY, bytes(30_000)))
    expect(queue.bytes).toBe(20_004 + 30_004)
    queue.flush()
    expect([queue.bytes, owner.stream.written.length]).toEqual([0, 50_008])
  })

  it('holds more than a slab', () => {
    const owner = new Owner()
    const queue = SendQueue.lendTo(owner)
    for (let count = 0; count < 100; count++) queue.payload(BINARY, Buffer.alloc(10_000, count))
    queue.flush()
    const expected = Array.from({ length: 100 }, (_, count) =>
      encodeFrame(BINARY, Buffer.alloc(10_000, count)),
    )
    expect(owner.stream.written.equals(Buffer.concat(expected))).toBe(true)
    expect(owner.stream.writes).toHaveLength(1)
  })

  it('goes back to the pool when it is flushed, once', () => {
    const owner = new Owner()
    const queue = SendQueue.lendTo(owner)
    queue.text(TEXT, 'a')
    queue.flush()
    queue.flush()
    expect([owner.flushes, owner.writes]).toEqual([1, ['810161']])
    const [again, another] = [SendQueue.lendTo(new Owner()), SendQueue.lendTo(new Owner())]
    expect(again).toBe(queue)
    expect(another).not.toBe(queue)
    again.flush()
    another.flush()
  })

  it('says when it is empty, and then when its bytes are with the stream', () => {
    const owner = new Owner()
    const queue = SendQueue.lendTo(owner)
    queue.text(TEXT, 'a')
    queue.payload(BINARY, bytes(20_000))
    queue.flush()
    expect([owner.flushes, owner.given]).toEqual([1, [3 + 20_004]])
  })

  it('writes nothing when it is flushed empty', () => {
    expect(writesOf(() => {})).toEqual([])
  })
})

describe('a queue that is to be flushed soon', () => {
  it('is flushed at the end of the tick, with all others', async () => {
    const owners = [new Owner(), new Owner()]
    for (const owner of owners) {
      const queue = SendQueue.lendTo(owner)
      queue.flushSoon()
      queue.text(TEXT, 'a')
      queue.text(TEXT, 'b')
    }
    expect(owners.map(({ writes }) => writes)).toEqual([[], []])
    await new Promise<void>((resolve) => process.nextTick(resolve))
    expect(owners.map(({ writes }) => writes)).toEqual([['810161810162'], ['810161810162']])
  })

  it('is not flushed twice, nor is its next borrower too late', async () => {
    const [first, second] = [new Owner(), new Owner()]
    const queue = SendQueue.lendTo(first)
    queue.flushSoon()
    queue.text(TEXT, 'a')
    queue.flush()
    const next = SendQueue.lendTo(second)
    next.flushSoon()
    next.text(TEXT, 'b')
    await turns(1)
    expect([first.writes, second.writes]).toEqual([['810161'], ['810162']])
    expect([first.flushes, second.flushes]).toEqual([1, 1])
  })
})

describe('a queue that is dropped', () => {
  it('writes nothing, tells its callbacks why, and goes back', () => {
    const owner = new Owner()
    const errors: unknown[] = []
    const reason = new Error('gone')
    owner.queue.text(TEXT, 'a', (error) => errors.push(error))
    owner.queue.payload(BINARY, Buffer.alloc(20 * KIB), (error) => errors.push(error))
    owner.queue.drop(reason)
    expect([owner.writes, errors, owner.flushes, owner.given]).toEqual([[], [reason, reason], 1, [0]])
    owner.queue.text(TEXT, 'b')
    owner.queue.flush()
    expect(owner.writes).toEqual(['810162'])
  })
})

describe('callbacks', () => {
  it('are called in order when everything of the flush has left', async () => {
    const owner = new Owner()
    const calls: unknown[] = []
    const note =
      (name: string): SendCallback =>
      (error) =>
        calls.push([name, error ?? undefined])
    owner.stream.block()
    const queue = SendQueue.lendTo(owner)
    queue.text(TEXT, 'a', note('text'))
    queue.text(TEXT, 'b')
    queue.payload(BINARY, bytes(20_000), note('large'))
    queue.payload(BINARY, bytes(10), note('small'))
    queue.frame(encodeFrame(TEXT, bytes(1)), note('frame'))
    queue.flush()
    await turns()
    expect(calls).toEqual([])
    owner.stream.unblock()
    await turns()
    expect(calls).toEqual([
      ['text', undefined],
      ['large', undefined],
      ['small', undefined],
      ['frame', undefined],
    ])
  })

  it.each(['before it is flushed', 'after it was flushed'])(
    'are called with an error when the stream dies %s',
    async (when) => {
      const owner = new Owner()
      const errors: unknown[] = []
      owner.stream.on('error', () => {}).block()
      const queue = SendQueue.lendTo(owner)
      queue.text(TEXT, 'a', (error) => errors.push(error))
      queue.payload(BINARY, bytes(20_000), (error) => errors.push(error))
      if (when === 'after it was flushed') queue.flush()
      owner.stream.destroy()
      await once(owner.stream, 'close')
      queue.flush()
      await turns()
      expect(errors).toEqual([expect.any(Error), expect.any(Error)])
    },
  )
})

describe('queues that are filled at the same time', () => {
  it('keep their bytes apart', () => {
    const owners = Array.from({ length: 3 }, () => new Owner())
    const queues = owners.map((owner) => SendQueue.lendTo(owner))
    const lengths = [0, 5, 1000, 16_384, 20_000, 3]
    const payload = (owner: number, round: number) =>
      Buffer.alloc(lengths[round % lengths.length], owner * 64 + (round % 64))
    for (let round = 0; round < 60; round++) {
      queues.forEach((queue, owner) => {
        queue.payload(BINARY, payload(owner, round))
      })
    }
    for (const queue of queues) queue.flush()
    owners.forEach(({ stream }, owner) => {
      const frames = Array.from({ length: 60 }, (_, round) => encodeFrame(BINARY, payload(owner, round)))
      expect(stream.written.equals(Buffer.concat(frames))).toBe(true)
    })
  })
})

describe('a peer that does not read', () => {
  /** One slow owner and others, each sent the same small message in every tick. */
  function broadcast(slow: Owner, others: Owner[], ticks: number): Buffer {
    const sent: Buffer[] = []
    for (let tick = 0; tick < ticks; tick++) {
      const frame = encodeFrame(TEXT, Buffer.from(`message ${tick} ${'.'.repeat(80)}`))
      const queues = [slow, ...others].map((owner) => owner.queue)
      for (const queue of queues) queue.frame(frame)
      for (const queue of queues) queue.flush()
      sent.push(frame)
      for (const { stream } of others) stream.writes.length = 0
    }
    return Buffer.concat(sent)
  }

  it('gets its bytes as they were sent, after much other traffic', async () => {
    const [slow, ...others] = Array.from({ length: 10 }, () => new Owner())
    slow.stream.block()
    const sent = broadcast(slow, others, 2000)
    slow.stream.unblock()
    await turns()
    expect(slow.stream.written.equals(sent)).toBe(true)
  })

  it('keeps no more memory alive than it is sent, whoever else is sent something', async () => {
    const [slow, ...others] = Array.from({ length: 100 }, () => new Owner())
    slow.stream.block()
    const before = await leastHeldBytes()
    const { length } = broadcast(slow, others, 2000)
    const held = (await leastHeldBytes()) - before
    expect(slow.queue.bytes + slow.stream.writableLength).toBe(length)
    expect(held).toBeLessThan(6 * MIB)
  })

  it('has what waits for it gathered in few buffers, so that the slab is left to others', () => {
    const { queue, stream } = new Owner()
    stream.block()
    stream.write(Buffer.alloc(stream.writableHighWaterMark))
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    for (let count = 0; count < 2000; count++) {
      queue.payload(BINARY, bytes(100))
      queue.flush()
    }
    const sizes = allocate.mock.calls.map(([size]) => Number(size))
    allocate.mockRestore()
    expect(stream.writes).toHaveLength(0)
    expect(sizes.length).toBeLessThan(25)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2000 * 102 + 32 * KIB + 64 * KIB)
  })

  it('is written to again when its stream has drained', async () => {
    const owner = new Owner()
    owner.stream.block()
    owner.stream.write(Buffer.alloc(owner.stream.writableHighWaterMark))
    owner.queue.text(TEXT, 'waits')
    owner.queue.flush()
    expect([owner.waits, owner.flushes]).toEqual([1, 0])
    owner.stream.unblock()
    await turns()
    expect([owner.flushes, owner.stream.written.subarray(-7).toString('hex')]).toEqual([1, '81057761697473'])
  })

  it('is given everything at once where the stream is to end', () => {
    const { queue, stream } = new Owner()
    stream.block()
    stream.write(Buffer.alloc(stream.writableHighWaterMark))
    queue.text(TEXT, 'last')
    queue.flushNow()
    expect(stream.writableLength).toBe(stream.writableHighWaterMark + 6)
  })

  it('keeps its large payloads where they are', async () => {
    const owner = new Owner()
    owner.stream.block()
    const payload = Buffer.allocUnsafeSlow(100 * KIB)
    const before = await leastHeldBytes()
    for (let count = 0; count < 50; count++) {
      const queue = SendQueue.lendTo(owner)
      queue.payload(BINARY, payload)
      queue.flush()
    }
    expect((await leastHeldBytes()) - before).toBeLessThan(MIB)
  })
})

describe('the frames of a client', () => {
  /** 37 fa 21 3d, the key of the examples in RFC 6455 §5.7. */
  const KEY = 0x3d21fa37

  class Client extends Owner {
    keys = 0
    readonly nextMaskingKey = () => {
      this.keys++
      return KEY
    }
  }

  it('are masked, each with a key of its own', () => {
    const client = new Client()
    const queue = SendQueue.lendTo(client)
    queue.text(TEXT, 'Hello')
    queue.payload(FIN | Opcode.Ping, Buffer.from('Hello'))
    queue.flush()
    expect(client.writes).toEqual(['818537fa213d7f9f4d5158' + '898537fa213d7f9f4d5158'])
    expect(client.keys).toBe(2)
  })

  it.each([16_384, 65_536])('leave a payload of %i bytes as the caller gave it', (length) => {
    const payload = bytes(length)
    const client = new Client()
    const queue = SendQueue.lendTo(client)
    queue.payload(BINARY, payload)
    queue.flush()
    expect(payload).toEqual(bytes(length))
    expect(client.writes.join('')).toBe(encodeFrame(BINARY, payload, KEY).toString('hex'))
  })

  it('do not mask for the server that has the queue next', () => {
    const client = SendQueue.lendTo(new Client())
    client.text(TEXT, 'Hello')
    client.flush()
    expect(writesOf((queue) => queue.text(TEXT, 'Hello'))).toEqual(['810548656c6c6f'])
  })
})
