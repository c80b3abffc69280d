import type { Case, Section } from '../vocabulary/case.ts'
import { continuation, type Frame, fragments, octets, text } from '../vocabulary/frame.ts'
import { type Alternative, answers, echoOfText, fails, silence } from '../vocabulary/outcome.ts'
import { bytesOf, hex } from '../vocabulary/payload.ts'
import { awaitFailure, type Step, send } from '../vocabulary/step.ts'
import { utf8Groups } from './utf8-sequences.ts'

const MIXED = 'Hello-µ@ßöäüàá-UTF-8!!'
const KOSME = 'κόσμε'
const INVALID = 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64'

/** RFC 6455 §8.1 names the code; §7.4.1 says what it is for. */
const INVALID_PAYLOAD = 1007

const failsLate: Alternative = {
  meaning: 'finds invalid UTF-8 only when the message is whole; RFC 6455 §8.1 sets no time',
  events: [silence],
  closeCodes: [INVALID_PAYLOAD],
}

/** A text whose middle part makes it invalid, whatever follows. */
interface Spoilt {
  readonly parts: readonly [good: Buffer, spoiling: Buffer, rest: Buffer]
  readonly where: string
}

/** U+110000, which does not exist: its second byte already tells. */
const SPOILT_WITH_MORE: Spoilt = {
  parts: [bytesOf(KOSME), hex('f4 90 80 80'), hex('65 64 69 74 65 64')],
  where: 'in the part that has it',
}
const SPOILT_AT_LAST: Spoilt = {
  parts: [Buffer.concat([bytesOf(KOSME), hex('f4')]), hex('90'), hex('80 80 65 64 69 74 65 64')],
  where: 'at the very octet that makes it so',
}

function inFragments({ parts: [good, spoiling, rest] }: Spoilt): Step[] {
  return [
    send(text(good, { fin: false }), continuation(spoiling, { fin: false })),
    awaitFailure,
    send(continuation(rest)),
  ]
}

function insideOneFrame({ parts }: Spoilt): Step[] {
  const [, spoiling, rest] = parts
  const [restStart, spoilingStart] = [-rest.length, -(rest.length + spoiling.length)]
  const part = (from: number, to?: number): Frame => text(Buffer.concat(parts), { part: [from, to] })
  return [
    send(part(0, spoilingStart)),
    send(part(spoilingStart, restStart)),
    awaitFailure,
    send(part(restStart)),
  ]
}

function failingFast(id: string, steps: readonly Step[], where: string, between: string): Case {
  return {
    id,
    sentence: `fails invalid UTF-8 ${where}, between ${between}`,
    steps,
    ...fails(INVALID_PAYLOAD),
    nonStrict: [...(fails(INVALID_PAYLOAD).nonStrict ?? []), failsLate],
  }
}

function sequenceCases(): Case[] {
  return utf8Groups.flatMap(({ what, sequences }, group) =>
    sequences.map(({ bytes, isValid }, index) => ({
      id: `6.${group + 5}.${index + 1}`,
      sentence: `${isValid ? 'echoes' : 'fails'} ${what}: ${shortHex(bytes)}`,
      steps: [send(text(bytes))],
      ...(isValid ? answers(echoOfText(bytes)) : fails(INVALID_PAYLOAD)),
    })),
  )
}

function shortHex(bytes: Buffer): string {
  const digits = bytes.toString('hex')
  return digits.length <= 40 ? digits : `${digits.slice(0, 32)}… (${bytes.length} bytes)`
}

export const utf8: Section = {
  number: 6,
  title: 'UTF-8',
  cases: [
    {
      id: '6.1.1',
      sentence: 'echoes an empty text',
      steps: [send(text(''))],
      ...answers(echoOfText('')),
    },
    {
      id: '6.1.2',
      sentence: 'echoes a text of three empty fragments',
      steps: [send(...fragments('text', ['', '', '']))],
      ...answers(echoOfText('')),
    },
    {
      id: '6.1.3',
      sentence: 'echoes a text between two empty fragments',
      steps: [send(...fragments('text', ['', 'middle', '']))],
      ...answers(echoOfText('middle')),
    },
    {
      id: '6.2.1',
      sentence: 'echoes a text with characters of two bytes',
      steps: [send(text(MIXED))],
      ...answers(echoOfText(MIXED)),
    },
    {
      id: '6.2.2',
      sentence: 'echoes a text of two fragments, cut between two characters',
      steps: [send(...fragments('text', [MIXED.slice(0, 12), MIXED.slice(12)]))],
      ...answers(echoOfText(MIXED)),
    },
    {
      id: '6.2.3',
      sentence: 'echoes a text in fragments of one octet, which cut its characters',
      steps: [send(...octets('text', MIXED))],
      ...answers(echoOfText(MIXED)),
    },
    {
      id: '6.2.4',
      sentence: 'echoes a text of characters of two and three bytes in fragments of one octet',
      steps: [send(...octets('text', KOSME))],
      ...answers(echoOfText(KOSME)),
    },
    {
      id: '6.3.1',
      sentence: 'fails a text with a surrogate',
      steps: [send(text(hex(INVALID)))],
      ...fails(INVALID_PAYLOAD),
    },
    {
      id: '6.3.2',
      sentence: 'fails a text with a surrogate in fragments of one octet',
      steps: [send(...octets('text', hex(INVALID)))],
      ...fails(INVALID_PAYLOAD),
    },
    failingFast('6.4.1', inFragments(SPOILT_WITH_MORE), SPOILT_WITH_MORE.where, 'two fragments'),
    failingFast('6.4.2', inFragments(SPOILT_AT_LAST), SPOILT_AT_LAST.where, 'two fragments'),
    failingFast('6.4.3', insideOneFrame(SPOILT_WITH_MORE), SPOILT_WITH_MORE.where, 'two pieces of a frame'),
    failingFast('6.4.4', insideOneFrame(SPOILT_AT_LAST), SPOILT_AT_LAST.where, 'two pieces of a frame'),
    ...sequenceCases(),
  ],
}
