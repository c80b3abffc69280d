import { afterEach, describe, expect, it, vi } from 'vitest'
import { Inflater, inflaterFor } from '../../src/permessage-deflate/inflater.ts'
import { openInflateContext } from '../../src/permessage-deflate/open-context.ts'
import type { UnfinishedMessage } from '../../src/permessage-deflate/unfinished-message.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { bomb, bytes, HELLO } from './samples.ts'

vi.mock('../../src/permessage-deflate/open-context.ts', { spy: true })
afterEach(() => {
  vi.mocked(openInflateContext).mockClear()
})

const KIB = 1024
const MIB = KIB * KIB
const TAKEOVER = { windowBits: 15, contextTakeover: true }
const NO_TAKEOVER = { windowBits: 15, contextTakeover: false }
const BOTH = [TAKEOVER, NO_TAKEOVER]
const HELLO_BLOCK = bytes('f2 48 cd c9 c9 07 00')

/** Puts bytes in and takes the text they give. */
function through(message: UnfinishedMessage, input: Uint8Array): string {
  message.put(input)
  return String(message.takeAll())
}

describe('an unfinished message', () => {
  it('gives its text as its parts arrive', () => {
    const message = new Inflater(NO_TAKEOVER).begin(KIB)
    expect(through(message, bytes('f2 48 cd'))).toBe('He')
    expect(through(message, bytes('c9 c9 07 00'))).toBe('llo')
    message.end()
    expect(message.take()).toBeUndefined()
  })

  it.each(BOTH)('inflates no further than it is asked to: %j', (compression) => {
    const message = new Inflater(compression).begin(64 * MIB)
    message.put(bomb(64))
    const before = process.memoryUsage().arrayBuffers
    for (let count = 0; count < 4; count++) expect(message.take()).toHaveLength(64 * KIB)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB)
    let size = 256 * KIB
    for (let part = message.take(); part; part = message.take()) size += part.length
    expect(size).toBe(64 * MIB)
  })

  it('goes on behind final blocks, wherever its parts are cut (RFC 1951 §3.2.3)', () => {
    const block = bytes('f3 48 cd c9 c9 07 00')
    const message = new Inflater(NO_TAKEOVER).begin(KIB)
    const both = Buffer.concat([block, block])
    let text = ''
    for (const byte of both) text += through(message, Buffer.of(byte))
    text += through(message, both)
    expect(text).toBe('Hello'.repeat(4))
  })

  it('is not touched by the messages of other connections', () => {
    const inflater = inflaterFor(NO_TAKEOVER)
    const text = ['', '']
    const [one, other] = [inflater.begin(KIB), inflater.begin(KIB)]
    for (const byte of HELLO_BLOCK) {
      text[0] += through(one, Buffer.of(byte))
      expect(inflater.inflate(HELLO_BLOCK, KIB)).toEqual(HELLO)
      expect(brokenRule(() => inflater.inflate(bytes('ff ff'), KIB))).toBe('Z_DATA_ERROR')
      text[1] += through(other, Buffer.of(byte))
    }
    one.end()
    other.end()
    expect(text).toEqual(['Hello', 'Hello'])
  })

  it('counts its limit over all parts', () => {
    const inflater = new Inflater(NO_TAKEOVER)
    const inTwo = (maxBytes: number) => {
      const message = inflater.begin(maxBytes)
      return through(message, bytes('f2 48 cd')) + through(message, bytes('c9 c9 07 00'))
    }
    expect(inTwo(5)).toBe('Hello')
    expect(brokenRule(() => inTwo(4))).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
  })

  it('is refused where it does not inflate', () => {
    for (const compression of BOTH) {
      const message = new Inflater(compression).begin(KIB)
      message.put(bytes('ff ff'))
      expect(brokenRule(() => message.take())).toBe('Z_DATA_ERROR')
    }
  })

  it('frees a context of its own when it ends or is given up, once', () => {
    const inflater = new Inflater(NO_TAKEOVER)
    for (const over of ['end', 'abandon'] as const) {
      const message = inflater.begin(KIB)
      const context = vi.mocked(openInflateContext).mock.results.at(-1)?.value
      const close = vi.spyOn(context, 'close')
      through(message, bytes('f2 48 cd'))
      expect(close).not.toHaveBeenCalled()
      message[over]()
      message.abandon()
      expect(close).toHaveBeenCalledOnce()
      message.put(HELLO_BLOCK)
      message.take()
      expect(message.take()).toBeUndefined()
    }
  })

  it('leaves the context of its connection open, and is referred to by later messages', () => {
    const inflater = new Inflater(TAKEOVER)
    const message = inflater.begin(KIB)
    expect([message.isReferredTo, new Inflater(NO_TAKEOVER).begin(KIB).isReferredTo]).toEqual([true, false])
    through(message, HELLO_BLOCK)
    message.end()
    expect(inflater.inflate(bytes('f2 00 11 00 00'), KIB)).toEqual(HELLO)
  })

  it('keeps the context of a connection that is over until its own end', () => {
    const inflater = new Inflater(TAKEOVER)
    const message = inflater.begin(KIB)
    inflater.close()
    expect(through(message, HELLO_BLOCK)).toBe('Hello')
    const [{ value: context }] = vi.mocked(openInflateContext).mock.results
    const close = vi.spyOn(context, 'close')
    message.end()
    expect(close).toHaveBeenCalledOnce()
  })
})
