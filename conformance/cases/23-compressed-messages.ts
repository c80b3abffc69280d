import type { Case, Section } from '../vocabulary/case.ts'
import { binary, close, continuation, fragments, ping, text } from '../vocabulary/frame.ts'
import { answers, type Expected, echoOfText, fails, pongWith } from '../vocabulary/outcome.ts'
import { hex } from '../vocabulary/payload.ts'
import { type Step, send, sendChopped } from '../vocabulary/step.ts'

/** RSV1: the message is compressed (RFC 7692 §6). */
const rsv = 4
const HELLO = hex('f2 48 cd c9 c9 07 00')
const echoed = answers(echoOfText('Hello'))

/** RFC 7692 §7.2.3 shows most of these bytes. */
const shown: readonly (readonly [sentence: string, steps: Step[], expected: Expected])[] = [
  ['echoes a compressed text', [send(text(HELLO, { rsv }))], echoed],
  [
    'echoes a compressed text of two fragments, with RSV1 on the first only',
    [send(...fragments('text', [HELLO.subarray(0, 3), HELLO.subarray(3)], { rsv }))],
    echoed,
  ],
  ['echoes a text in a stored block', [send(text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), { rsv }))], echoed],
  [
    'echoes a text in a block that says it is the last',
    [send(text(hex('f3 48 cd c9 c9 07 00 00'), { rsv }))],
    echoed,
  ],
  [
    'echoes a text in two blocks',
    [send(text(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), { rsv }))],
    echoed,
  ],
  ['echoes an empty text that is compressed', [send(text(hex('00'), { rsv }))], answers(echoOfText(''))],
  ['echoes an empty text in an empty block', [send(text(hex('02 00'), { rsv }))], answers(echoOfText(''))],
  ['echoes a text that is not compressed', [send(text('Hello'))], echoed],
  [
    'echoes a text compressed in fragments of one octet, octet by octet',
    [
      sendChopped(
        1,
        ...fragments(
          'text',
          [...HELLO].map((octet) => Buffer.of(octet)),
          { rsv },
        ),
      ),
    ],
    echoed,
  ],
  [
    'echoes a compressed text between two empty fragments',
    [send(...fragments('text', ['', HELLO, ''], { rsv }))],
    echoed,
  ],
  [
    'answers a Ping between the fragments of a compressed text',
    [
      send(
        ...fragments('text', [HELLO.subarray(0, 3), HELLO.subarray(3)], { rsv }).toSpliced(1, 0, ping('now')),
      ),
    ],
    answers(pongWith('now'), echoOfText('Hello')),
  ],
  [
    'answers a Close inside a compressed text',
    [send(text(HELLO, { rsv, fin: false }), close(1000))],
    answers(),
  ],
]

/** Message by message, a window that is kept (§7.2.3.2). */
const taken: readonly (readonly [sentence: string, steps: Step[], expected: Expected])[] = [
  [
    'echoes a text that is copied from the message before',
    [send(text(HELLO, { rsv }), text(hex('f2 00 11 00 00'), { rsv }))],
    answers(echoOfText('Hello'), echoOfText('Hello')),
  ],
  [
    'leaves a message that is not compressed out of the window',
    [send(text(HELLO, { rsv }), text('olleH'), text(hex('f2 00 11 00 00'), { rsv }))],
    answers(echoOfText('Hello'), echoOfText('olleH'), echoOfText('Hello')),
  ],
]

/** RFC 7692 §6.1 for the bits, §7.2.2 for the data. It names no close code for data that cannot be inflated. */
const INVALID_DATA = [1007, 1002, 1003]

const wrong: readonly (readonly [sentence: string, steps: Step[], expected: Expected])[] = [
  [
    'fails RSV1 on a continuation',
    [send(text(HELLO.subarray(0, 3), { rsv, fin: false }), continuation(HELLO.subarray(3), { rsv }))],
    fails(1002),
  ],
  [
    'fails RSV1 on a continuation of a text that is not compressed',
    [send(text('Hel', { fin: false }), continuation('lo', { rsv }))],
    fails(1002),
  ],
  ['fails RSV1 on a Ping', [send(ping('Hello', { rsv }))], fails(1002)],
  ['fails RSV1 on a Close', [send(close(1000, '', { rsv }))], fails(1002)],
  ['fails RSV2 on a compressed text', [send(text(HELLO, { rsv: 6 }))], fails(1002)],
  ['fails RSV3 on a compressed text', [send(text(HELLO, { rsv: 5 }))], fails(1002)],
  ['fails a block of a type that does not exist', [send(binary(hex('06 00'), { rsv }))], fails(INVALID_DATA)],
  [
    'fails a stored block whose two lengths disagree',
    [send(binary(hex('00 05 00 00 00 48 65 6c 6c 6f 00'), { rsv }))],
    fails(INVALID_DATA),
  ],
  [
    'fails a copy of what was never there',
    [send(binary(hex('f2 00 11 00 00'), { rsv }))],
    fails(INVALID_DATA),
  ],
  ['fails a compressed text that is not UTF-8', [send(text(hex('fa 0f 00'), { rsv }))], fails(1007)],
]

function casesOf(group: string, rows: typeof shown, more: Partial<Case> = {}): Case[] {
  return rows.map(([sentence, steps, expected], index) => ({
    id: `23.${group}.${index + 1}`,
    sentence,
    compression: [{}],
    steps,
    ...expected,
    ...more,
  }))
}

export const compressedMessages: Section = {
  number: 23,
  title: 'Compression: messages as they lie on the wire',
  cases: [...casesOf('1', shown), ...casesOf('2', taken, { needsTakeover: true }), ...casesOf('3', wrong)],
}
