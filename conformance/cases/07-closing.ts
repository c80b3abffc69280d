import type { Case, Section } from '../vocabulary/case.ts'
import { close, continuation, frame, Opcode, ping, text } from '../vocabulary/frame.ts'
import { answers, type Expected, echoOfText, fails } from '../vocabulary/outcome.ts'
import { filler, hex } from '../vocabulary/payload.ts'
import { send } from '../vocabulary/step.ts'

/** Those that a Close frame may carry: defined by RFC 6455 §7.4.1, and both ends of the ranges of §7.4.2. */
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
/** Those that it may not: out of range, reserved, never on the wire, or nobody's. */
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
const LARGE = filler(256 * 1024)

/** RFC 6455 §5.5.1: the answer typically has the same code, and need not have it. */
function answersWith(...closeCodes: number[]): Expected {
  return { strict: [{ events: [], closeCodes }] }
}

/** RFC 6455 §7.4.2 gives no meaning to codes from 5000 on. */
function undefinedCode(id: string, code: number): Case {
  return {
    id,
    sentence: `fails the close code ${code}`,
    steps: [send(close(code))],
    ...fails(1002),
    nonStrict: [
      {
        meaning: 'takes a close code above 4999, which RFC 6455 §7.4.2 does not speak of',
        events: [],
        closeCodes: [code, 1000, 1006],
      },
    ],
  }
}

export const closing: Section = {
  number: 7,
  title: 'Closing handshake',
  cases: [
    {
      id: '7.1.1',
      sentence: 'echoes a text that a Close follows at once',
      steps: [send(text('Hello, world!'), close(1000))],
      ...answers(echoOfText('Hello, world!')),
    },
    {
      id: '7.1.2',
      sentence: 'ignores a second Close',
      steps: [send(close(1000), close(1000))],
      ...answers(),
    },
    {
      id: '7.1.3',
      sentence: 'ignores a Ping after a Close',
      steps: [send(close(1000), ping())],
      ...answers(),
    },
    {
      id: '7.1.4',
      sentence: 'ignores a text after a Close',
      steps: [send(close(1000), text('Hello, world!'))],
      ...answers(),
    },
    {
      id: '7.1.5',
      sentence: 'ignores the rest of a text after a Close',
      steps: [send(text('fragment1', { fin: false }), close(1000), continuation('fragment2'))],
      ...answers(),
    },
    {
      id: '7.1.6',
      sentence: 'closes while it still echoes a large text, whole or not at all',
      steps: [send(text(LARGE), close(1000), ping())],
      strict: [...answers(echoOfText(LARGE)).strict, ...answers().strict],
    },
    {
      id: '7.3.1',
      sentence: 'answers a Close without payload',
      steps: [send(close())],
      ...answersWith(1005, 1000),
    },
    {
      id: '7.3.2',
      sentence: 'fails a Close with half a code',
      steps: [send(frame(Opcode.Close, 'a'))],
      ...fails(1002),
    },
    {
      id: '7.3.3',
      sentence: 'answers a Close with a code',
      steps: [send(close(1000))],
      ...answers(),
    },
    {
      id: '7.3.4',
      sentence: 'answers a Close with a code and a reason',
      steps: [send(close(1000, 'Hello, world!'))],
      ...answers(),
    },
    {
      id: '7.3.5',
      sentence: 'answers a Close with a reason of 123 bytes, the longest',
      steps: [send(close(1000, '*'.repeat(123)))],
      ...answers(),
    },
    {
      id: '7.3.6',
      sentence: 'fails a Close with a reason of 124 bytes',
      steps: [send(close(1000, '*'.repeat(124)))],
      ...fails(1002),
    },
    {
      id: '7.5.1',
      sentence: 'fails a Close with a reason that is not UTF-8',
      steps: [send(close(1000, hex('ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64')))],
      ...fails([1007, 1002]),
    },
    ...VALID_CODES.map((code, index) => ({
      id: `7.7.${index + 1}`,
      sentence: `answers the close code ${code}`,
      steps: [send(close(code))],
      ...answersWith(code, 1000),
    })),
    ...INVALID_CODES.map((code, index) => ({
      id: `7.9.${index + 1}`,
      sentence: `fails the close code ${code}`,
      steps: [send(close(code))],
      ...fails(1002),
    })),
    undefinedCode('7.13.1', 5000),
    undefinedCode('7.13.2', 65_535),
  ],
}
