import { binary, continuation, ping, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { FrameParser, type FrameSink } from '../../src/protocol/frame-parser.ts'
import { protocolError } from '../../src/protocol/protocol-error.ts'
import { atEveryCut } from '../support/cuts.ts'
import { FrameRecorder, parse } from '../support/frame-recorder.ts'
import { fromPeer, hex, peerMask, ROLES } from '../support/peer.ts'

const LENGTHS = [0, 1, 125, 126, 127, 65535, 65536]

/** One row for each rule: frames in hex, a space between header and payload. */
const BROKEN: readonly [rule: string, code: string, frames: string[]][] = [
  ['RSV1 without an extension', 'WS_ERR_UNEXPECTED_RSV_1', ['c102 6869']],
  ['RSV2', 'WS_ERR_UNEXPECTED_RSV_2_3', ['a102 6869']],
  ['RSV3', 'WS_ERR_UNEXPECTED_RSV_2_3', ['9102 6869']],
  ['a reserved data opcode', 'WS_ERR_INVALID_OPCODE', ['8300']],
  ['a reserved control opcode', 'WS_ERR_INVALID_OPCODE', ['8b00']],
  ['a continuation of nothing', 'WS_ERR_INVALID_OPCODE', ['8001 61']],
  ['a continuation of a whole message', 'WS_ERR_INVALID_OPCODE', ['8101 61', '8001 62']],
  ['a message inside another', 'WS_ERR_INVALID_OPCODE', ['0101 61', '8101 62']],
  ['a message inside another, after a Ping', 'WS_ERR_INVALID_OPCODE', ['0101 61', '8900', '8101 62']],
  ['a fragmented Ping', 'WS_ERR_EXPECTED_FIN', ['0900']],
  ['a Ping of 126 bytes', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', [`897e007e ${'00'.repeat(126)}`]],
  ['125 bytes announced in 16 bits', 'UPWIRE_OVERLONG_LENGTH', [`827e007d ${'00'.repeat(125)}`]],
  ['65,535 bytes announced in 64 bits', 'UPWIRE_OVERLONG_LENGTH', ['827f000000000000ffff 00']],
]

/** Lengths that lose bits in 32 or 53 of them, or are negative when read as signed. */
const HUGE: readonly [name: string, header: string, code: string | undefined, bytes: number][] = [
  ['2^31', '827f0000000080000000', undefined, 2 ** 31],
  ['2^32', '827f0000000100000000', undefined, 2 ** 32],
  ['2^32 + 5', '827f0000000100000005', undefined, 2 ** 32 + 5],
  ['2^53 - 1', '827f001fffffffffffff', undefined, 2 ** 53 - 1],
  ['2^53', '827f0020000000000000', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 0],
  ['2^63 - 1', '827f7fffffffffffffff', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 0],
  ['2^63', '827f8000000000000000', 'UPWIRE_NEGATIVE_LENGTH', 0],
  ['2^64 - 1', '827fffffffffffffffff', 'UPWIRE_NEGATIVE_LENGTH', 0],
]

/** Asks its parser to stop after each frame. */
class StoppingRecorder extends FrameRecorder {
  parser: FrameParser | undefined

  override frame(first: number, bytes: Buffer, start: number, end: number, seen: number): void {
    super.frame(first, bytes, start, end, seen)
    this.parser?.stop()
  }

  override frameEnd(): void {
    super.frameEnd()
    this.parser?.stop()
  }
}

function stoppingParser(role: (typeof ROLES)[number]) {
  const recorder = new StoppingRecorder()
  const parser = new FrameParser(role, recorder)
  recorder.parser = parser
  return { parser, frames: recorder.frames }
}

describe.each(ROLES)('the frames that a %s gets', (role) => {
  const mask = peerMask(role)
  const frame = (first: number, payload: string) => ({ first, payload, ascii: role === 'server', missing: 0 })
  const atEachCut = (bytes: Buffer, extensions?: { rsv1: boolean }) =>
    atEveryCut(bytes, (chunks) => parse(role, chunks, extensions))

  it.each(LENGTHS)('are read with %d bytes of payload, at every cut', (length) => {
    const payload = Buffer.alloc(length, 'payload ')
    expect(atEachCut(binary(payload, { mask }))).toEqual({
      frames: [frame(0x82, hex(payload))],
      error: undefined,
      unfinished: false,
    })
  })

  it('are read one after the other, control frames between fragments', () => {
    const bytes = fromPeer(
      role,
      '8105 48656c6c6f',
      '0203 010203',
      '8902 6869',
      '0000',
      '8a00',
      '8001 04',
      '8800',
    )
    const read = atEachCut(bytes)
    expect(read.frames).toEqual([
      frame(0x81, hex('Hello')),
      frame(0x02, '010203'),
      frame(0x89, hex('hi')),
      { ...frame(0x00, ''), ascii: read.frames[3].ascii },
      { ...frame(0x8a, ''), ascii: read.frames[4].ascii },
      frame(0x80, '04'),
      { ...frame(0x88, ''), ascii: read.frames[6].ascii },
    ])
    expect(read.unfinished).toBe(false)
  })

  it('are read with neighbours of every length form', () => {
    const bytes = Buffer.concat([0, 130, 1, 200].map((length) => binary(Buffer.alloc(length, 1), { mask })))
    expect(atEachCut(bytes).frames.map(({ payload }) => payload.length / 2)).toEqual([0, 130, 1, 200])
  })

  it('are refused by each rule, at every cut, after the frames that were good', () => {
    for (const [rule, code, frames] of BROKEN) {
      const read = atEachCut(fromPeer(role, '8a02 6f6b', ...frames))
      expect([rule, read.error]).toEqual([rule, code])
      expect(read.frames).toHaveLength(frames.length)
    }
  })

  it('are refused with the MASK bit of the other role', () => {
    const wrong = text('hi', { mask: mask === false ? undefined : false })
    const code = role === 'server' ? 'WS_ERR_EXPECTED_MASK' : 'WS_ERR_UNEXPECTED_MASK'
    expect(atEachCut(wrong)).toMatchObject({ error: code, frames: [] })
  })

  it('may have RSV1 set where an extension gives it a meaning', () => {
    const bytes = fromPeer(role, '4102 6869', '8002 6869', 'c202 6869')
    const { frames, error } = atEachCut(bytes, { rsv1: true })
    expect(error).toBeUndefined()
    expect(frames.map(({ first }) => first)).toEqual([0x41, 0x80, 0xc2])
    expect(atEachCut(fromPeer(role, '4100', 'c000'), { rsv1: true }).error).toBe('WS_ERR_UNEXPECTED_RSV_1')
  })

  it.each(HUGE)(
    'announce %s bytes without a bit lost (undici CVE-2026-1528)',
    (_name, header, code, bytes) => {
      const read = atEachCut(fromPeer(role, header))
      expect(read.error).toBe(code)
      expect(read.frames.map(({ missing }) => missing)).toEqual(code ? [] : [bytes])
    },
  )

  it.each(['gorilla CVE-2020-27813', 'websocket-driver CVE-2026-54466'])(
    'with a length beyond 32 bits are not taken for short ones (%s)',
    () => {
      const { frames } = atEachCut(fromPeer(role, '827f0000000100000002 6869', '8101 61'))
      expect(frames).toHaveLength(1)
      expect(frames[0].missing).toBeGreaterThan(2 ** 31)
    },
  )

  it('say whether their bytes are ASCII, where unmasking has seen them', () => {
    const ascii = (payload: string) => parse(role, [text(payload, { mask })]).frames[0].ascii
    expect(ascii('a'.repeat(100))).toBe(role === 'server')
    expect(ascii(`${'a'.repeat(99)}é`)).toBe(false)
    expect(ascii('é')).toBe(false)
  })
})

describe.each(ROLES)('the parser of a %s', (role) => {
  const mask = peerMask(role)

  it('owes nothing between messages alone, at every byte', () => {
    const messages = [
      text('whole', { mask }),
      Buffer.concat([text('a', { mask, fin: false }), ping('p', { mask }), continuation('', { mask })]),
    ]
    const bytes = Buffer.concat(messages)
    const parser = new FrameParser(role, new FrameRecorder())
    const finishedAfter: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      parser.push(Buffer.from(bytes.subarray(at, at + 1)))
      if (!parser.unfinished) finishedAfter.push(at + 1)
    }
    expect(finishedAfter).toEqual([messages[0].length, bytes.length])
  })

  it('hands a whole frame over where it lies, unmasked', () => {
    const chunk = text('Hello', { mask })
    const calls: unknown[] = []
    const sink = Object.assign(new FrameRecorder(), { frame: (...call: unknown[]) => calls.push(call) })
    new FrameParser(role, sink).push(chunk)
    const start = chunk.length - 5
    expect(calls).toEqual([[0x81, chunk, start, chunk.length, expect.any(Number)]])
    expect((calls[0] as unknown[])[1]).toBe(chunk)
    expect(chunk.toString('utf8', start)).toBe('Hello')
  })

  it('hands parts over where they lie, one for each chunk, as they come', () => {
    const bytes = text('Hello', { mask })
    const headerEnd = bytes.length - 5
    const chunks = [bytes.subarray(0, headerEnd), bytes.subarray(headerEnd, -3), bytes.subarray(-3)]
    const calls: unknown[][] = []
    const parser = new FrameParser(role, {
      frame: () => calls.push(['frame']),
      frameStart: (first, length) => calls.push(['start', first, length]),
      framePart: (part, start, end) => calls.push(['part', chunks.indexOf(part), start, end]),
      frameEnd: () => calls.push(['end']),
    })
    for (const chunk of chunks) {
      parser.push(chunk)
      calls.push(['chunk'])
    }
    expect(calls.map((call) => call.join(' '))).toEqual([
      'start 129 5',
      'chunk',
      'part 1 0 2',
      'chunk',
      'part 2 0 3',
      'end',
      'chunk',
    ])
    expect(Buffer.concat(chunks.slice(1)).toString()).toBe('Hello')
  })

  it('parses from the offset it is given and returns the one it got to', () => {
    const recorder = new FrameRecorder()
    const parser = new FrameParser(role, recorder)
    const bytes = text('Hello', { mask })
    const chunk = Buffer.concat([Buffer.from('ffff', 'hex'), bytes])
    expect(parser.push(chunk, 2)).toBe(chunk.length)
    expect(parser.push(Buffer.alloc(0))).toBe(0)
    expect(recorder.frames.map(({ payload }) => payload)).toEqual([hex('Hello')])
  })

  it('stops after the frame in hand, and goes on at the offset it returned', () => {
    const frames = [text('one', { mask }), ping('', { mask }), binary(Buffer.alloc(200), { mask })]
    const chunk = Buffer.concat(frames)
    const { parser, frames: read } = stoppingParser(role)
    const stops = [0]
    while (stops.at(-1)! < chunk.length) {
      stops.push(parser.push(chunk, stops.at(-1)))
      expect(read).toHaveLength(stops.length - 1)
    }
    expect(stops).toEqual([0, frames[0].length, frames[0].length + frames[1].length, chunk.length])
  })

  it('reads the same frames at every cut when it is stopped after each', () => {
    const bytes = fromPeer(role, '8105 48656c6c6f', '0203 010203', '8902 6869', '0000', '8001 04', '8800')
    const expected = parse(role, [Buffer.from(bytes)]).frames
    atEveryCut(bytes, (chunks) => {
      const { parser, frames } = stoppingParser(role)
      for (const chunk of chunks) {
        for (let at = 0; at < chunk.length; ) at = parser.push(chunk, at)
      }
      expect(frames).toEqual(expected)
    })
  })

  it('lets through what its sink throws, at each call', () => {
    const refusal = protocolError('UPWIRE_MESSAGE_RATE')
    const refuse = () => {
      throw refusal
    }
    const bytes = text('Hello', { mask })
    for (const call of ['frame', 'frameStart', 'framePart', 'frameEnd']) {
      const parser = new FrameParser(role, Object.assign(new FrameRecorder(), { [call]: refuse }))
      const cut = call === 'frame' ? bytes.length : bytes.length - 2
      expect(() => {
        parser.push(Buffer.from(bytes.subarray(0, cut)))
        parser.push(Buffer.from(bytes.subarray(cut)))
      }, call).toThrow(refusal)
    }
  })

  it('reads another stream when it is reset, whatever the one before ended with, and however it is cut', () => {
    const another = fromPeer(role, '0101 61', '8900', '8001 62')
    const one = fromPeer(role, '0101 61', '8904 70696e67')
    for (let end = 1; end < one.length; end++) {
      const recorder = new FrameRecorder()
      let sink: FrameSink = recorder
      const call =
        (name: keyof FrameSink) =>
        (...args: never[]) =>
          Reflect.apply(sink[name], sink, args)
      const parser = new FrameParser(role, {
        frame: call('frame'),
        frameStart: call('frameStart'),
        framePart: call('framePart'),
        frameEnd: call('frameEnd'),
      })
      parser.push(Buffer.from(one.subarray(0, end)))
      parser.reset()
      expect(parser.unfinished).toBe(false)
      const second = new FrameRecorder()
      sink = second
      parser.push(Buffer.from(another))
      expect(second.frames).toEqual(parse(role, [Buffer.from(another)]).frames)
    }
  })
})
