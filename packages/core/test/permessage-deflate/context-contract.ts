import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { DeflateContext, InflateContext } from '../../src/permessage-deflate/context.ts'
import { collect, Output } from '../../src/permessage-deflate/output.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { bomb, bytes, HELLO, sampleMessages } from './samples.ts'

type ContextOf<Kind> = new (options: ZlibOptions, contextTakeover: boolean) => Kind

const SEED = 0x7692_0003
const KIB = 1024
const finishFlush = constants.Z_SYNC_FLUSH
/** zlib compresses with windows from 512 bytes. */
const WINDOW_BITS = [9, 10, 11, 12, 13, 14, 15]
const BOTH = WINDOW_BITS.flatMap((bits) => [true, false].map((takeover) => [bits, takeover] as const))

/** Compresses each message with all before it as zlib's dictionary, the documented way to the same. */
function deflated(messages: readonly Buffer[], windowBits: number, contextTakeover: boolean): Buffer[] {
  return messages.map((message, index) => {
    const dictionary = contextTakeover && index > 0 ? Buffer.concat(messages.slice(0, index)) : undefined
    return deflateRawSync(message, { windowBits, finishFlush, dictionary })
  })
}

function inflated(blocks: Buffer, windowBits: number, before: readonly Buffer[]): Buffer {
  const dictionary = before.length > 0 ? Buffer.concat(before).subarray(-(2 ** windowBits)) : undefined
  return inflateRawSync(blocks, { windowBits, finishFlush, dictionary })
}

/** What every compressor does. */
export function describeDeflating(Context: ContextOf<DeflateContext>): void {
  const messages = sampleMessages(SEED).filter(({ length }) => length > 0)

  it.each(BOTH)('compresses with a window of %d bits, with context takeover: %s', (windowBits, takeover) => {
    const context = new Context({ windowBits, level: 6 }, takeover)
    for (const [index, message] of messages.entries()) {
      const blocks = context.deflate(message)
      expect(blocks.toString('hex')).toMatch(/0000ffff$/)
      const text = inflated(blocks, windowBits, takeover ? messages.slice(0, index) : [])
      expect(text.equals(message)).toBe(true)
    }
    context.close()
  })

  it('makes a message that was sent before far shorter with context takeover, and the same without', () => {
    const [message] = messages
    const lengths = (takeover: boolean) => {
      const context = new Context({ level: 1 }, takeover)
      return [context.deflate(message), context.deflate(message)].map(({ length }) => length)
    }
    const [once, again] = lengths(true)
    expect(again).toBeLessThan(once / 10)
    const [anew, anewAgain] = lengths(false)
    expect([anew, anewAgain]).toEqual([once, once])
  })

  it('does as the level says', () => {
    const [message] = messages
    const lengths = [0, 1, 9].map((level) => new Context({ level }, false).deflate(message).length)
    expect(lengths[0]).toBeGreaterThan(message.length)
    expect(lengths[1]).toBeLessThan(lengths[0])
    expect(lengths[2]).toBeLessThan(lengths[1])
  })
}

/** What every decompressor does. */
export function describeInflating(Context: ContextOf<InflateContext>): void {
  const inflate = (context: InflateContext, payload: Uint8Array, maxBytes = 10 * KIB * KIB) =>
    collect(maxBytes, (output) => {
      context.push(payload, output)
      context.end(output)
    })
  const problemOf = (context: InflateContext, payload: Uint8Array, maxBytes?: number) =>
    brokenRule(() => inflate(context, payload, maxBytes))

  describe.each([true, false])('with context takeover: %s', (takeover) => {
    it.each([
      ['7.2.3.1: one block', 'f2 48 cd c9 c9 07 00'],
      ['7.2.3.3: no compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
      ['7.2.3.4: a final block', 'f3 48 cd c9 c9 07 00 00'],
      ['7.2.3.5: two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
      ['7.2.3.6: an empty block at the end', 'f2 48 cd c9 c9 07 00 00 00 ff ff 00'],
      ['a final block without an empty one after it', 'f3 48 cd c9 c9 07 00'],
      ['text after a final block', 'f3 48 05 00 ca c9 c9 07 00'],
      ['nothing but final blocks around the text', '03 00 03 00 f3 48 cd c9 c9 07 00 03 00 03 00'],
    ])('inflates RFC 7692 §%s, cut at every byte', (_, payload) => {
      const text = atEveryCut(bytes(payload), (parts) => {
        const context = new Context({}, takeover)
        const twice = [1, 2].map(() =>
          collect(KIB, (output) => {
            for (const part of parts) context.push(part, output)
            context.end(output)
          }).toString(),
        )
        context.close()
        return twice
      })
      expect(text).toEqual(['Hello', 'Hello'])
    })

    it.each(WINDOW_BITS)('inflates messages of every kind, for a window of %d bits', (windowBits) => {
      const messages = sampleMessages(SEED)
      const context = new Context({ windowBits }, takeover)
      for (const [index, blocks] of deflated(messages, windowBits, takeover).entries()) {
        expect(inflate(context, blocks.subarray(0, -4)).equals(messages[index])).toBe(true)
      }
    })

    it('inflates an empty message', () => {
      const context = new Context({}, takeover)
      expect(inflate(context, bytes('00'))).toEqual(Buffer.alloc(0))
      expect(inflate(context, bytes('02 00'))).toEqual(Buffer.alloc(0))
      expect(inflate(context, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
    })

    it('inflates one message that was compressed in fragments', () => {
      const context = new Context({}, takeover)
      const fragments = ['Hel', 'lo'].map((text) => deflateRawSync(text, { finishFlush }))
      expect(inflate(context, Buffer.concat(fragments).subarray(0, -4))).toEqual(HELLO)
    })

    it.each([
      ['a stored block that contradicts itself', '00 05 00 00 00'],
      ['a block of the reserved type', 'ff ff'],
      ['a match beyond the beginning', 'f2 00 11 00 00'],
      ['a block of codes that cannot be', '04 00 fe ff 00 00 00 00 00 00 00 00 00 00 00'],
    ])('refuses %s with 1007, and inflates the next message', (_, payload) => {
      const context = new Context({}, takeover)
      expect(problemOf(context, bytes(payload))).toBe('Z_DATA_ERROR')
      expect(inflate(context, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
    })

    it('stops at the limit with 1009, and inflates the next message', () => {
      const context = new Context({}, takeover)
      const hello = bytes('f2 48 cd c9 c9 07 00')
      expect(problemOf(context, hello, 4)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      expect(problemOf(context, hello, 0)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      expect(inflate(context, hello, 5)).toEqual(HELLO)
    })

    it('inflates no more of a bomb than the limit and one byte', () => {
      const context = new Context({}, takeover)
      for (const maxBytes of [0, 1, 1000, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 300 * KIB]) {
        let passedOn = 0
        const output = new Output(maxBytes, (part) => {
          passedOn += part.length
        })
        const pushAll = () => {
          context.push(bomb(4), output)
          context.end(output)
        }
        expect(brokenRule(pushAll)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        expect(passedOn).toBeLessThanOrEqual(maxBytes)
      }
    })

    it('takes a limit of any size', () => {
      const hello = bytes('f2 48 cd c9 c9 07 00')
      for (const maxBytes of [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
        expect(inflate(new Context({}, takeover), hello, maxBytes)).toEqual(HELLO)
      }
    })

    it('takes 1,024 final blocks in one message, and refuses one more with 1008', () => {
      const context = new Context({}, takeover)
      const finals = (count: number) => bytes(`${'0300'.repeat(count)}00`)
      expect(inflate(context, finals(1024))).toEqual(Buffer.alloc(0))
      expect(problemOf(context, finals(1025))).toBe('UPWIRE_TOO_MANY_FINAL_BLOCKS')
      expect(inflate(context, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
    })
  })

  it('RFC 7692 §7.2.3.2: takes the window over to the next message', () => {
    const context = new Context({}, true)
    expect(inflate(context, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
    expect(inflate(context, bytes('f2 00 11 00 00'))).toEqual(HELLO)
    expect(inflate(context, bytes('f2 00 11 00 00'))).toEqual(HELLO)
  })

  it('has no window for the next message without context takeover', () => {
    const context = new Context({}, false)
    expect(inflate(context, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
    expect(problemOf(context, bytes('f2 00 11 00 00'))).toBe('Z_DATA_ERROR')
  })

  it.each([
    ['in the message before', ['f3 48 cd c9 c9 07 00 00', 'f2 00 11 00 00']],
    ['in the same message', ['f3 48 cd c9 c9 07 00 f2 00 11 00 00']],
    ['in an empty message before', ['f2 48 cd c9 c9 07 00', '03 00 00', 'f2 00 11 00 00']],
    ['in an empty message before, at its end', ['f2 48 cd c9 c9 07 00', '03 00', 'f2 00 11 00 00']],
  ])('has no window after a final block %s', (_, payloads) => {
    const context = new Context({}, true)
    const last = payloads.pop() ?? ''
    for (const payload of payloads) inflate(context, bytes(payload))
    expect(problemOf(context, bytes(last))).toBe('Z_DATA_ERROR')
  })

  it('has no window after a message that was refused', () => {
    const context = new Context({}, true)
    inflate(context, bytes('f2 48 cd c9 c9 07 00'))
    expect(problemOf(context, bytes('ff ff'))).toBe('Z_DATA_ERROR')
    expect(problemOf(context, bytes('f2 00 11 00 00'))).toBe('Z_DATA_ERROR')
  })

  it('does not go through the rest of a bomb', () => {
    const context = new Context({}, false)
    const payload = bomb(1024)
    const started = process.cpuUsage()
    expect(problemOf(context, payload, 64 * KIB)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    const { user, system } = process.cpuUsage(started)
    expect(user + system).toBeLessThan(150_000)
  })

  it('refuses a match beyond the window that was agreed on', () => {
    const [before, repeated] = [sampleMessages(SEED)[3], Buffer.from('abcdefghijklmnop')]
    const messages = [Buffer.concat([repeated, before]), repeated]
    const [first, second] = deflated(messages, 15, true)
    const wide = new Context({ windowBits: 15 }, true)
    inflate(wide, first.subarray(0, -4))
    expect(inflate(wide, second.subarray(0, -4))).toEqual(repeated)
    const narrow = new Context({ windowBits: 9 }, true)
    inflate(narrow, first.subarray(0, -4))
    expect(problemOf(narrow, second.subarray(0, -4))).toBe('Z_DATA_ERROR')
  })

  it('keeps nothing of the part it is given', () => {
    const payload = bytes('f2 48 cd c9 c9 07 00')
    const context = new Context({}, false)
    const text = collect(KIB, (output) => {
      context.push(payload.subarray(0, 3), output)
      const rest = Buffer.from(payload.subarray(3))
      payload.fill(0xff)
      context.push(rest, output)
      rest.fill(0xff)
      context.end(output)
    })
    expect(text).toEqual(HELLO)
  })
}
