import type { Case, Section } from '../vocabulary/case.ts'
import { continuation, type Frame, fragments, ping, pong, text } from '../vocabulary/frame.ts'
import { answers, type Expected, echoOfText, fails, pongWith } from '../vocabulary/outcome.ts'
import { awaitEvents, type Chop, send, sendChopped } from '../vocabulary/step.ts'

const WAYS: readonly [chop: Chop, how: string][] = [
  ['at once', ''],
  ['frame by frame', ', frame by frame'],
  [1, ', octet by octet'],
]
const TWO = ['fragment1', 'fragment2']
const TWO_ECHOED = echoOfText('fragment1fragment2')

/** The same frames in three ways: nothing may depend on how TCP cuts them. */
function inEveryWay(first: number, sentence: string, frames: readonly Frame[], expected: Expected): Case[] {
  return WAYS.map(([chop, how], index) => ({
    id: `5.${first + index}`,
    sentence: `${sentence}${how}`,
    steps: [sendChopped(chop, ...frames)],
    ...expected,
  }))
}

function fiveFragments(id: string, chop: Chop, how: string): Case {
  const parts = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5']
  const [one, two, three, four, five] = fragments('text', parts) as [Frame, Frame, Frame, Frame, Frame]
  return {
    id,
    sentence: `answers a Ping at once while a text of five fragments is unfinished${how}`,
    steps: [
      sendChopped(chop, one, two, ping('early')),
      awaitEvents(1),
      sendChopped(chop, three, four, ping('late'), five),
    ],
    ...answers(pongWith('early'), pongWith('late'), echoOfText(parts.join(''))),
  }
}

function nothingToContinue(id: string, fin: boolean): Case {
  const round = [continuation('fragment1', { fin }), ...fragments('text', TWO)]
  return {
    id,
    sentence: `fails ${fin ? 'a last' : 'an unfinished'} continuation of nothing that a fragmented text follows`,
    steps: [send(...round, ...round)],
    ...fails(1002),
  }
}

export const fragmentation: Section = {
  number: 5,
  title: 'Fragmentation',
  cases: [
    {
      id: '5.1',
      sentence: 'fails a Ping in two fragments',
      steps: [send(ping('fragment1', { fin: false }), continuation('fragment2'))],
      ...fails(1002),
    },
    {
      id: '5.2',
      sentence: 'fails a Pong in two fragments',
      steps: [send(pong('fragment1', { fin: false }), continuation('fragment2'))],
      ...fails(1002),
    },
    ...inEveryWay(3, 'echoes a text of two fragments', fragments('text', TWO), answers(TWO_ECHOED)),
    ...inEveryWay(
      6,
      'answers a Ping between two fragments, then echoes the text',
      fragments('text', TWO).toSpliced(1, 0, ping('between')),
      answers(pongWith('between'), TWO_ECHOED),
    ),
    ...inEveryWay(
      9,
      'fails a last continuation of nothing before a text',
      [continuation('nothing to continue'), text('Hello, world!')],
      fails(1002),
    ),
    ...inEveryWay(
      12,
      'fails an unfinished continuation of nothing before a text',
      [continuation('nothing to continue', { fin: false }), text('Hello, world!')],
      fails(1002),
    ),
    {
      id: '5.15',
      sentence: 'echoes a text of two fragments, then fails an unfinished continuation of nothing',
      steps: [send(...fragments('text', TWO), continuation('fragment3', { fin: false }), text('fragment4'))],
      ...fails(1002, TWO_ECHOED),
    },
    nothingToContinue('5.16', false),
    nothingToContinue('5.17', true),
    {
      id: '5.18',
      sentence: 'fails a second text inside an unfinished one',
      steps: [send(text('fragment1', { fin: false }), text('fragment2'))],
      ...fails(1002),
    },
    fiveFragments('5.19', 'at once', ''),
    fiveFragments('5.20', 'frame by frame', ', frame by frame'),
  ],
}
