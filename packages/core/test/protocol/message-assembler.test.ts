import {
  binary,
  close,
  continuation,
  frame,
  INVALID_CLIENT_FRAMES,
  INVALID_SERVER_FRAMES,
  oversizedMessages,
  ping,
  text,
} from '@upwire/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FrameParser } from '../../src/protocol/frame-parser.ts'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import { MessageAssembler, type MessageLimits } from '../../src/protocol/message-assembler.ts'
import { PROTOCOL_ERRORS } from '../../src/protocol/protocol-error.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'
import { limitsWith, MessageRecorder, receive, receiver } from '../support/message-recorder.ts'
import { fromPeer, hex, peerMask, ROLES } from '../support/peer.ts'
import { randomSource } from '../support/random-source.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** What an unfinished message may hold above twice its bytes. */
const SLACK_BYTES = 64 * KIB
const ONE_BYTE_FRAGMENTS = 384 * KIB
const SEED = 48779

afterEach(() => void vi.restoreAllMocks())

describe.each(ROLES)('the messages that a %s gets', (role) => {
  const atEachCut = (bytes: Buffer, limits?: Partial<MessageLimits>) =>
    atEveryCut(bytes, (chunks) => receive(role, chunks, limitsWith(limits)))
  const eventsOf = (...frames: string[]) => {
    const { events, error } = atEachCut(fromPeer(role, ...frames))
    expect(error).toBeUndefined()
    return events
  }

  it('are text and binary, whole', () => {
    expect(eventsOf('8105 48656c6c6f', '8203 0102ff', '8106 e282acc3a961')).toEqual([
      'text:Hello',
      'binary:0102ff',
      'text:€éa',
    ])
  })

  it('are empty, whole and in fragments', () => {
    expect(eventsOf('8100', '8200', '0100', '8000', '0200', '0000', '8000')).toEqual([
      'text:',
      'binary:',
      'text:',
      'binary:',
    ])
  })

  it('are put together from fragments', () => {
    expect(eventsOf('0103 48656c', '0000', '0001 6c', '8001 6f')).toEqual(['text:Hello'])
    expect(eventsOf('0201 00', '8001 ff', '8101 61')).toEqual(['binary:00ff', 'text:a'])
  })

  it('are put together from fragments of every length form', () => {
    const mask = peerMask(role)
    const fragments = [200, 65536, 1, 0].map((length, index) =>
      frame(index === 0 ? 2 : 0, Buffer.alloc(length, 'abc'), { mask, fin: index === 3 }),
    )
    const payload = [200, 65536, 1].map((length) => hex(Buffer.alloc(length, 'abc'))).join('')
    expect(atEachCut(Buffer.concat(fragments)).events).toEqual([`binary:${payload}`])
  })

  it('are delivered around control frames, which do not wait', () => {
    expect(eventsOf('0101 61', '8902 6869', '0001 62', '8a00', '8001 63', '8900')).toEqual([
      'ping:6869',
      'pong:',
      'text:abc',
      'ping:',
    ])
  })

  it('may break a character anywhere between fragments', () => {
    expect(eventsOf('0101 e2', '8900', '0001 82', '0000', '8001 ac')).toEqual(['ping:', 'text:€'])
    expect(eventsOf('0102 f09f', '0003 988061', '8000')).toEqual(['text:😀a'])
  })

  it('end with a Close, with and without code and reason', () => {
    expect(eventsOf('8800')).toEqual(['close:1005'])
    expect(eventsOf('8802 03e8')).toEqual(['close:1000'])
    expect(eventsOf('0101 61', '8806 0fa0e282ac61')).toEqual(['close:4000 €a'])
    expect(eventsOf(`887d 03e9${'61'.repeat(123)}`)).toEqual([`close:1001 ${'a'.repeat(123)}`])
  })

  it.each(role === 'server' ? INVALID_CLIENT_FRAMES : INVALID_SERVER_FRAMES)(
    'end with $closeCode at $name, at every cut (fastify-websocket GHSA-4pcg-wr6c-h9cq)',
    ({ bytes, closeCode }) => {
      const { error } = atEachCut(bytes)
      expect(error && PROTOCOL_ERRORS[error].closeCode).toBe(closeCode)
    },
  )

  it.each(oversizedMessages(1000, peerMask(role)))(
    'end with $closeCode at $name, at every cut',
    ({ bytes }) => {
      expect(atEachCut(bytes, { maxPayload: 1000 })).toEqual({
        events: [],
        error: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      })
      expect(atEachCut(bytes, { maxPayload: 1001 }).error).toBeUndefined()
    },
  )

  it('are limited without the control frames between them', () => {
    const frames = ['0102 6161', '8903 010203', '8002 6161']
    expect(atEachCut(fromPeer(role, ...frames), { maxPayload: 4 }).events).toEqual([
      'ping:010203',
      'text:aaaa',
    ])
  })
})

describe.each(ROLES)('text that a %s gets', (role) => {
  const mask = peerMask(role)
  const fin = false
  /** How many bytes it takes until the text is refused, given one by one. */
  const refusedAfter = (bytes: Buffer) => {
    const { parser } = receiver(role)
    const at = [...bytes].findIndex(
      (byte) => brokenRule(() => parser.push(Buffer.of(byte))) === 'WS_ERR_INVALID_UTF8',
    )
    return at + 1
  }

  it('is refused at its first bad byte, whatever is still to come', () => {
    const rest = { mask, length: 1000 }
    const header = text('', rest).length
    expect(refusedAfter(text(Buffer.from('61ff', 'hex'), rest))).toBe(header + 2)
    expect(refusedAfter(text(Buffer.from('e28261', 'hex'), rest))).toBe(header + 3)
    expect(refusedAfter(text(Buffer.from('eda080', 'hex'), rest))).toBe(header + 2)
    expect(refusedAfter(text(Buffer.from('f490', 'hex'), rest))).toBe(header + 2)
  })

  it('is refused at the first bad byte of a later fragment', () => {
    const start = text(Buffer.from('c3a9e2', 'hex'), { mask, fin })
    const next = continuation(Buffer.from('4161', 'hex'), { mask, fin })
    expect(refusedAfter(Buffer.concat([start, next]))).toBe(start.length + next.length - 1)
  })

  it('is refused where the message ends inside a character', () => {
    const bytes = Buffer.concat([
      text(Buffer.from('e2', 'hex'), { mask, fin }),
      continuation(Buffer.from('82', 'hex'), { mask }),
    ])
    expect(refusedAfter(bytes)).toBe(bytes.length)
  })

  it('is not what binary is checked for', () => {
    expect(receive(role, [binary(Buffer.from('ff80', 'hex'), { mask })]).events).toEqual(['binary:ff80'])
    const fragments = [
      binary(Buffer.from('ff', 'hex'), { mask, fin }),
      continuation(Buffer.from('80', 'hex'), { mask }),
    ]
    expect(receive(role, fragments).events).toEqual(['binary:ff80'])
  })
})

describe('text that a server gets in parts', () => {
  it('is said to be ASCII where all of it is, whatever came before', () => {
    const seen: number[] = []
    const text = (_bytes: Buffer, _start: number, _end: number, bits: number) => seen.push(bits)
    const sink = Object.assign(new MessageRecorder(), { text })
    const parser = new FrameParser('server', new MessageAssembler(sink, limitsWith()))
    const parts = [
      '0102 6869',
      '8002 6869',
      '0102 c3a9',
      '8002 6869',
      '0102 6869',
      '8002 c3a9',
      '0101 61',
      '8001 62',
    ]
    parser.push(fromPeer('server', ...parts))
    expect(seen.map((bits) => bits < 0x80)).toEqual([true, false, false, true])
  })
})

describe.each(ROLES)('the fragments that a %s gets', (role) => {
  const limited = (maxFragments: number, ...frames: string[]) =>
    atEveryCut(fromPeer(role, ...frames), (chunks) => receive(role, chunks, limitsWith({ maxFragments })))
  const refused = { events: [], error: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' }

  it('are limited in number for one message', () => {
    expect(limited(3, '0101 61', '0001 62', '8001 63').events).toEqual(['text:abc'])
    expect(limited(3, '0101 61', '0001 62', '0001 63', '8001 64')).toEqual(refused)
  })

  it('count when they are empty (ws CVE-2026-48779, undici CVE-2026-12151)', () => {
    expect(limited(3, '0100', '0000', '0000', '0000')).toEqual(refused)
  })

  it('count together with the control frames between them', () => {
    const { events, error } = limited(3, '0101 61', '8900', '8a00', '8900')
    expect(events).toEqual(['ping:', 'pong:'].slice(0, events.length))
    expect(error).toBe('WS_ERR_TOO_MANY_BUFFERED_PARTS')
  })

  it('are counted anew for each message, and not at all for whole ones and lone control frames', () => {
    const message = ['0101 61', '8001 62']
    expect(limited(2, ...message, ...message, ...message).events).toEqual(['text:ab', 'text:ab', 'text:ab'])
    expect(limited(1, '8101 61', '8900', '8900', '8101 62').events).toHaveLength(4)
  })
})

describe.each(ROLES)('the memory of a %s', (role) => {
  const mask = peerMask(role)
  const fin = false

  /** A connection with an unfinished message of which each byte is a fragment. */
  const withOneByteFragments = () => {
    const limits = limitsWith({ maxFragments: Number.POSITIVE_INFINITY })
    const { parser } = receiver(role, limits)
    parser.push(binary(Buffer.of(7), { mask, fin }))
    const fragment = continuation('7', { mask, fin })
    const perChunk = 4 * KIB
    for (let sent = 0; sent < ONE_BYTE_FRAGMENTS; sent += perChunk) {
      parser.push(Buffer.alloc(perChunk * fragment.length, fragment))
    }
    return { parser, limits }
  }

  it('is not taken by a frame above the limit, before a byte of its payload (ws CVE-2016-10542)', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const limits = limitsWith({ maxPayload: 1000 })
    const header = binary(Buffer.alloc(0), { mask, length: 1001 })
    expect(receive(role, [header], limits).error).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    expect(allocate).not.toHaveBeenCalled()
    expect(limits.budget.usedBytes).toBe(0)
  })

  it('is taken up to 64 KiB by a header that announces a TiB', () => {
    const budget = new MemoryBudget(Number.POSITIVE_INFINITY)
    const limits = limitsWith({ maxPayload: 2 ** 41, budget })
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    for (const options of [{}, { fin }]) {
      const { parser } = receiver(role, limits)
      parser.push(binary(Buffer.alloc(0), { mask, length: 2 ** 40, ...options }))
    }
    expect(allocate.mock.calls).toEqual([[SLACK_BYTES], [SLACK_BYTES]])
    expect(budget.usedBytes).toBe(2 * SLACK_BYTES)
  })

  it('is exactly the announced length for a message in one frame of up to 64 KiB', () => {
    const limits = limitsWith()
    const { parser } = receiver(role, limits)
    parser.push(binary(Buffer.alloc(1), { mask, length: 50_000 }))
    expect(limits.budget.usedBytes).toBe(50_000)
  })

  it('is never more than the announced length for a longer one', () => {
    const limits = limitsWith()
    const { parser } = receiver(role, limits)
    const bytes = binary(Buffer.alloc(300_000), { mask })
    for (let at = 0; at < bytes.length - 1; at += 10_000)
      parser.push(bytes.subarray(at, Math.min(at + 10_000, bytes.length - 1)))
    expect(limits.budget.usedBytes).toBe(300_000)
  })

  it('is at most twice the bytes of one-byte fragments and 64 KiB (ws CVE-2026-48779)', async () => {
    withOneByteFragments()
    const before = await leastHeldBytes()
    const { parser, limits } = withOneByteFragments()
    expect((await leastHeldBytes()) - before).toBeLessThanOrEqual(2 * ONE_BYTE_FRAGMENTS + SLACK_BYTES)
    expect(limits.budget.usedBytes).toBeLessThanOrEqual(2 * ONE_BYTE_FRAGMENTS + SLACK_BYTES)
    expect(parser.unfinished).toBe(true)
  })

  it('grows in few steps, so that one-byte fragments take linear time', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    withOneByteFragments()
    expect(allocate.mock.calls.length).toBeLessThanOrEqual(Math.log2(MIB / KIB) + 1)
  })

  it('is not taken by empty fragments', () => {
    const limits = limitsWith()
    const { parser } = receiver(role, limits)
    parser.push(fromPeer(role, '0200', ...Array(900).fill('0000')))
    expect(limits.budget.usedBytes).toBe(0)
  })

  it('is bounded when frames of full length, of one byte and unfinished ones follow each other', () => {
    const limits = limitsWith()
    const { parser } = receiver(role, limits)
    parser.push(binary(Buffer.alloc(SLACK_BYTES), { mask, fin }))
    parser.push(continuation(Buffer.alloc(1), { mask, fin }))
    parser.push(continuation(Buffer.alloc(0), { mask, fin, length: SLACK_BYTES }))
    expect(limits.budget.usedBytes).toBeLessThanOrEqual(2 * (SLACK_BYTES + 1) + SLACK_BYTES)
  })

  it(`is bounded at every moment of 60 random messages (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pick = (values: readonly number[]) => values[Math.floor(random() * values.length)]
    for (let round = 0; round < 60; round++) {
      const limits = limitsWith()
      const { parser, assembler } = receiver(role, limits)
      let payloadBytes = 0
      for (let index = 0; index < 8; index++) {
        const length = pick([0, 1, 100, 5000, 65_535, 65_536, 70_000, 120_000])
        const bytes = frame(index === 0 ? 2 : 0, Buffer.alloc(length), { mask, fin: index === 7 })
        const header = bytes.length - length
        const cut = header + Math.floor(length * random())
        const check = (start: number, end: number) => {
          parser.push(bytes.subarray(start, end))
          payloadBytes += start < header ? 0 : end - start
          expect(limits.budget.usedBytes).toBeLessThanOrEqual(2 * payloadBytes + SLACK_BYTES)
        }
        check(0, header)
        check(header, cut)
        check(cut, bytes.length)
      }
      assembler.release()
      expect(limits.budget.usedBytes).toBe(0)
    }
  })
})

describe.each(ROLES)('the shared budget of a %s', (role) => {
  const mask = peerMask(role)
  const fin = false
  const unfinished = (bytes: number) => binary(Buffer.alloc(0), { mask, length: bytes })

  it('is not touched by messages that come whole', () => {
    const limits = limitsWith({ budget: new MemoryBudget(0) })
    const bytes = fromPeer(role, '8105 48656c6c6f', '8203 010203', '8902 6869', '8802 03e8')
    expect(receive(role, [bytes], limits).events).toEqual([
      'text:Hello',
      'binary:010203',
      'ping:6869',
      'close:1000',
    ])
  })

  it('is given back when a message is delivered', () => {
    const limits = limitsWith()
    const { parser, events } = receiver(role, limits)
    parser.push(text('a', { mask, fin }))
    expect(limits.budget.usedBytes).toBe(KIB)
    parser.push(continuation('b', { mask }))
    expect(events).toEqual(['text:ab'])
    expect(limits.budget.usedBytes).toBe(0)
  })

  it('is given back when the message is given up, once', () => {
    const limits = limitsWith()
    const { parser, assembler } = receiver(role, limits)
    parser.push(text('a', { mask, fin }))
    assembler.release()
    assembler.release()
    expect(limits.budget.usedBytes).toBe(0)
  })

  it('goes with all that was known of the message: half a character is not completed by another one', () => {
    const { parser, assembler, events } = receiver(role)
    parser.push(fromPeer(role, '0102 61e2'))
    assembler.release()
    parser.reset()
    parser.push(fromPeer(role, '0101 62', '8001 63'))
    expect(events).toEqual(['text:bc'])
  })

  it('is given back before the message is told', () => {
    const limits = limitsWith()
    const used: number[] = []
    const sink = Object.assign(new MessageRecorder(), { text: () => used.push(limits.budget.usedBytes) })
    const assembler = new MessageAssembler(sink, limits)
    assembler.frameStart(0x81, 2)
    assembler.framePart(Buffer.from('hi'), 0, 2, 0x7f)
    assembler.frameEnd()
    expect(used).toEqual([0])
  })

  it('refuses the connection that asks for too much with 1013, and no other', () => {
    const budget = new MemoryBudget(10_000)
    const limits = limitsWith({ budget })
    const [first, second, third] = [receiver(role, limits), receiver(role, limits), receiver(role, limits)]
    first.parser.push(unfinished(6000))
    expect(brokenRule(() => second.parser.push(unfinished(4001)))).toBe('UPWIRE_UNFINISHED_MESSAGES_FULL')
    expect(PROTOCOL_ERRORS.UPWIRE_UNFINISHED_MESSAGES_FULL.closeCode).toBe(1013)
    second.assembler.release()
    expect(budget.usedBytes).toBe(6000)
    expect(brokenRule(() => third.parser.push(unfinished(4000)))).toBeUndefined()
    first.parser.push(Buffer.alloc(6000))
    expect(first.events).toHaveLength(1)
  })

  it('is asked again as a message grows', () => {
    const limits = limitsWith({ budget: new MemoryBudget(100 * KIB), maxPayload: 10 * MIB })
    const bytes = binary(Buffer.alloc(MIB), { mask })
    expect(
      receive(role, [bytes.subarray(0, 90 * KIB), bytes.subarray(90 * KIB, 110 * KIB)], limits).error,
    ).toBe('UPWIRE_UNFINISHED_MESSAGES_FULL')
  })
})

describe.each(ROLES)('what a %s is told', (role) => {
  const mask = peerMask(role)

  it('lies in the chunk where the message came whole', () => {
    const chunk = Buffer.concat([
      text('Hello', { mask }),
      binary(Buffer.of(1), { mask }),
      close(1000, 'bye', { mask }),
      ping('p', { mask }),
    ])
    const told: Buffer[] = []
    const sink = {
      text: (bytes: Buffer) => told.push(bytes),
      binary: (bytes: Buffer) => told.push(bytes),
      ping: (payload: Buffer) => told.push(payload),
      pong: (payload: Buffer) => told.push(payload),
      close: ({ reason }: { reason: Buffer }) => told.push(reason),
    }
    new FrameParser(role, new MessageAssembler(sink, limitsWith())).push(chunk)
    expect(told).toHaveLength(4)
    expect(told.every(({ buffer }) => buffer === chunk.buffer)).toBe(true)
  })
})

describe.each(ROLES)('for a %s that does not look at UTF-8', (role) => {
  const limits = limitsWith({ skipUTF8Validation: true })

  it.each([
    ['a whole text', ['8102 c328']],
    ['a text in fragments', ['0101 c3', '8001 28']],
    ['a text that ends within a character', ['0101 61', '8001 c3']],
  ])('%s may be any bytes', (_what, frames) => {
    const told: string[] = []
    const sink = Object.assign(new MessageRecorder(), {
      text: (bytes: Buffer, start: number, end: number, seen: number) =>
        told.push(`${bytes.toString('hex', start, end)} ${seen >= 0x80}`),
    })
    new FrameParser(role, new MessageAssembler(sink, limits)).push(fromPeer(role, ...frames))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/(c328|61c3) true/)
  })

  it('so may a close reason, but not a close code', () => {
    expect(receive(role, [fromPeer(role, '8804 03e8c328')], limits).error).toBeUndefined()
    expect(receive(role, [fromPeer(role, '8802 03ed')], limits).error).toBe('WS_ERR_INVALID_CLOSE_CODE')
  })
})

describe.each(ROLES)('the chunks that one frame comes in, for a %s,', (role) => {
  const HALF = 47
  const message = binary(Buffer.alloc(2 * HALF), { mask: peerMask(role) })
  const payloadStart = message.length - 2 * HALF
  const pairs = Array.from({ length: HALF }, (_, at) =>
    message.subarray(payloadStart + 2 * at).subarray(0, 2),
  )
  const chunks = () => [message.subarray(0, payloadStart), ...pairs].map((chunk) => Buffer.from(chunk))

  it('may be as many as it has bytes', () => {
    expect(receive(role, chunks()).events).toHaveLength(1)
  })

  it('may be as many as are allowed, and not one more', () => {
    const allowed = (maxBufferedChunks: number) => receive(role, chunks(), limitsWith({ maxBufferedChunks }))
    expect(allowed(HALF).events).toHaveLength(1)
    expect(allowed(HALF - 1)).toEqual({ events: [], error: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' })
  })

  it('are counted for each frame anew', () => {
    const limits = limitsWith({ maxBufferedChunks: HALF })
    expect(receive(role, [...chunks(), ...chunks()], limits).events).toHaveLength(2)
  })
})
