import type { InflateContext } from '../../src/permessage-deflate/context.ts'
import { Deflater } from '../../src/permessage-deflate/deflater.ts'
import { LastingInflateContext } from '../../src/permessage-deflate/lasting-context.ts'
import { OneShotInflateContext } from '../../src/permessage-deflate/one-shot-context.ts'
import { Output } from '../../src/permessage-deflate/output.ts'
import { brokenRule } from '../../test/support/broken-rule.ts'
import { Choices } from '../../test/support/random-source.ts'
import { expectSame, expectThat, type Fuzzer } from '../fuzzer.ts'
import { cutAnywhere, mutate } from '../mutations.ts'
import { WatchedOutput } from '../watched-output.ts'

/** The bits of an input's first byte. */
const CONTEXT_TAKEOVER = 1
const TIGHT = 2
const SETUPS = 4

const ROOMY_BYTES = 1024 * 1024
const TIGHT_BYTES = 500
/** An input has few messages: each refers to those before it. */
const LENGTH_BYTES = 2
const MAX_MESSAGES = 4
/** More than any input can come to. */
const MOST_BYTES = 2 ** 30
/** A final block that says `probe`, which is seen as one between blocks only, and a byte that is not of it. */
const PROBE = 'probe'
const FINAL_BLOCK_AND_MORE = Buffer.from('010500faff70726f626500', 'hex')
const PART_BYTES = 64 * 1024

const LEVELS = [0, 1, 6, 9]
const WORDS = ['upwire', 'message', '{"id":', '"name":"', ' ', '\n', '😀', 'aaaaaaaaaaaaaaaaaaaaaaaa']

interface InflateOptions {
  readonly windowBits: number
  readonly contextTakeover: boolean
}

/** The two decompressors, which have to be one to every peer. */
export const inflater: Fuzzer = {
  name: 'inflater',
  seeds: 'inflater',
  about: 'compressed messages that follow one another, with contexts kept and not, cut anywhere',
  generate(choices) {
    const setup = choices.below(SETUPS)
    const compression = { windowBits: 15, contextTakeover: (setup & CONTEXT_TAKEOVER) !== 0 }
    const options = { threshold: 0, level: choices.oneOf(LEVELS), memLevel: 8 }
    const deflater = new Deflater(compression, options)
    const messages = Array.from({ length: 1 + choices.below(3) }, () => {
      const payload = deflater.deflate(message(choices))
      return withLength(choices.chance(0.6) ? mutate(payload, choices) : payload)
    })
    deflater.close()
    return Buffer.concat([Buffer.of(setup, choices.below(256)), ...messages])
  },
  check(input) {
    const [setup = 0, cuts = 0] = input
    const options = { windowBits: 15, contextTakeover: (setup & CONTEXT_TAKEOVER) !== 0 }
    const maxBytes = setup & TIGHT ? TIGHT_BYTES : ROOMY_BYTES
    const payloads = withWholeBlocks(readMessages(input.subarray(2)), options)
    const whole = payloads.map((payload) => [payload])
    const cut = payloads.map((payload) => cutAnywhere(payload, new Choices(cuts)))
    const { contextTakeover } = options
    const lasting = outcome(new LastingInflateContext(options, contextTakeover), whole, maxBytes)
    const inPieces = outcome(new LastingInflateContext(options, contextTakeover), cut, maxBytes)
    expectSame(lasting, inPieces, 'the text does not depend on where the payload is cut')
    const oneShot = outcome(new OneShotInflateContext(options, contextTakeover), cut, maxBytes)
    if (isTooLongAndCorrupt(lasting, oneShot)) return
    expectSame(lasting, oneShot, 'both decompressors say the same')
  },
}

/**
 * The messages up to the first that ends within a block, which no sender may make: the one decompressor then takes the next
 * message for the rest of that block, and the other does not. So it is with a final block for which the tail is the length.
 */
function withWholeBlocks(messages: readonly Buffer[], options: InflateOptions): readonly Buffer[] {
  const broken = messages.findIndex((_, index) => endsWithinBlock(messages.slice(0, index + 1), options))
  return broken === -1 ? messages : messages.slice(0, broken + 1)
}

function endsWithinBlock(messages: readonly Buffer[], options: InflateOptions): boolean {
  const context = new LastingInflateContext(options, options.contextTakeover)
  let said = ''
  const output = new WatchedOutput(MOST_BYTES, (part) => {
    said += part.toString('latin1')
  })
  const error = brokenRule(() => {
    for (const message of messages) {
      context.push(message, new Output(MOST_BYTES, () => {}))
      context.end(new Output(MOST_BYTES, () => {}))
    }
    context.push(FINAL_BLOCK_AND_MORE, output)
  })
  context.close()
  return error !== undefined || output.finalBlocks !== 1 || said !== PROBE
}

/** Documented calls look at their limit between parts only: of a message with two faults they may see the other one first. */
function isTooLongAndCorrupt(lasting: string, oneShot: string): boolean {
  return lasting.replace(/WS_ERR_UNSUPPORTED_MESSAGE_LENGTH$/, 'Z_DATA_ERROR') === oneShot
}

/** What becomes of messages until one is refused, line by line. */
function outcome(context: InflateContext, messages: readonly Buffer[][], maxBytes: number): string {
  const lines: string[] = []
  for (const parts of messages) {
    const [bytes, emitted] = [parts.reduce((sum, { length }) => sum + length, 0), [] as Buffer[]]
    const output = new Output(maxBytes, (part) => emitted.push(part))
    const error = brokenRule(() => {
      for (const part of parts) context.push(part, output)
      context.end(output)
    })
    const text = Buffer.concat(emitted)
    expectThat(text.length <= maxBytes, 'no more is inflated than may be', () => `${text.length}`)
    const most = bytes + parts.length + Math.ceil(text.length / PART_BYTES) + 1
    expectThat(
      emitted.length <= most,
      'parts are linear in the bytes',
      () => `${emitted.length} for ${bytes}`,
    )
    lines.push(error ?? text.toString('hex'))
    if (error !== undefined) break
  }
  context.close()
  return lines.join('\n')
}

function message(choices: Choices): Buffer {
  const kind = choices.below(4)
  if (kind === 0) return choices.bytes(choices.below(200))
  if (kind === 1) return Buffer.alloc(choices.below(3000), choices.below(256))
  return Buffer.from(Array.from({ length: choices.below(60) }, () => choices.oneOf(WORDS)).join(''))
}

function withLength(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(payload.length >> 8, payload.length), payload])
}

/** Each has its length in two bytes before it; the last may be cut short. */
function readMessages(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at + LENGTH_BYTES <= bytes.length && messages.length < MAX_MESSAGES; ) {
    const start = at + LENGTH_BYTES
    at = start + bytes.readUInt16BE(at)
    messages.push(bytes.subarray(start, at))
  }
  return messages
}
