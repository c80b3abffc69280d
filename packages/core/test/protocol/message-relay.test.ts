import { binary, close, continuation, ping, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { FrameParser } from '../../src/protocol/frame-parser.ts'
import { MessageRelay, type PartSink } from '../../src/protocol/message-relay.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { MessageRecorder } from '../support/message-recorder.ts'

const LIMITS = { maxPayload: 100, maxFragments: 3 }

/** Writes down messages as they come; parts that follow one another are written as one. */
class PartRecorder extends MessageRecorder implements PartSink {
  messageStart(isBinary: boolean, isCompressed: boolean): void {
    this.events.push(`${isCompressed ? 'compressed ' : ''}${isBinary ? 'binary' : 'text'} start`)
  }

  messagePart(part: Buffer): void {
    if (part.length === 0) throw new Error('A part with nothing in it')
    const last = this.events.pop() ?? ''
    if (last.startsWith('part:')) this.events.push(last + part)
    else this.events.push(last, `part:${part}`)
  }

  messageEnd(): void {
    this.events.push('end')
  }
}

function relay(chunks: Buffer[], limits = LIMITS) {
  const recorder = new PartRecorder()
  const parser = new FrameParser('server', new MessageRelay(recorder, limits))
  parser.allowRsv1(true)
  const error = brokenRule(() => {
    for (const chunk of chunks) parser.push(chunk)
  })
  return { events: recorder.events, error }
}

function relayed(...frames: Buffer[]) {
  return atEveryCut(Buffer.concat(frames), (chunks) => relay(chunks))
}

describe('a relay', () => {
  it('passes on a message of one frame', () => {
    expect(relayed(text('Hello'), binary(Buffer.from('bytes')))).toEqual({
      events: ['text start', 'part:Hello', 'end', 'binary start', 'part:bytes', 'end'],
      error: undefined,
    })
  })

  it('passes on fragments as they arrive, with control frames where they came', () => {
    const { events } = relayed(
      text('Hel', { fin: false }),
      ping('between'),
      continuation('', { fin: false }),
      continuation('lo'),
      close(1000, 'bye'),
    )
    expect(events).toEqual([
      'text start',
      'part:Hel',
      `ping:${Buffer.from('between').toString('hex')}`,
      'part:lo',
      'end',
      'close:1000 bye',
    ])
  })

  it('passes on a message without a byte', () => {
    expect(relayed(text(''), binary(Buffer.alloc(0), { fin: false }), continuation('')).events).toEqual([
      'text start',
      'end',
      'binary start',
      'end',
    ])
  })

  it('says of a message with RSV1 that it is compressed (RFC 7692 §6)', () => {
    expect(relayed(text('x', { rsv: 4 })).events).toEqual(['compressed text start', 'part:x', 'end'])
  })

  it('gives the bytes of a frame before all have arrived', () => {
    expect(relay([text('Hello').subarray(0, 8)]).events).toEqual(['text start', 'part:He'])
  })

  it.each([
    ['in one frame', [text('x'.repeat(101))], []],
    ['in several', [text('x'.repeat(50), { fin: false }), continuation('x'.repeat(51))], ['text start']],
  ])('refuses a message above maxPayload %s, before its payload', (_how, frames, before) => {
    const { events, error } = relayed(...frames)
    expect(error).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    expect(events.filter((event) => !event.startsWith('part:'))).toEqual(before)
  })

  it('counts each message for itself', () => {
    expect(relayed(text('x'.repeat(100)), text('x'.repeat(100))).error).toBeUndefined()
  })

  it('refuses more than maxFragments empty frames of one message', () => {
    const empty = continuation('', { fin: false })
    expect(relayed(text('', { fin: false }), empty, empty).error).toBeUndefined()
    expect(relayed(text('', { fin: false }), empty, empty, empty).error).toBe(
      'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    )
  })

  it('passes on any number of frames that have a payload', () => {
    const frames = Array.from({ length: 90 }, () => continuation('x', { fin: false }))
    expect(relay([Buffer.concat([text('x', { fin: false }), ...frames])]).error).toBeUndefined()
  })
})
