import type { Section } from '../vocabulary/case.ts'
import { ping, pong } from '../vocabulary/frame.ts'
import { type Alternative, answers, fails, pongWith } from '../vocabulary/outcome.ts'
import { hex } from '../vocabulary/payload.ts'
import { send, sendChopped } from '../vocabulary/step.ts'

const NOT_UTF8 = hex('00 ff fe fd fc fb 00 ff')
const LONGEST = Buffer.alloc(125, 0xfe)
const TEN = Array.from({ length: 10 }, (_, index) => `payload-${index}`)

const onlyTheLast: Alternative = {
  meaning: 'answers only the most recent of several Pings, as RFC 6455 §5.5.3 allows',
  events: [pongWith('payload-9')],
  closeCodes: [1000],
}

export const pings: Section = {
  number: 2,
  title: 'Pings and Pongs',
  cases: [
    {
      id: '2.1',
      sentence: 'answers a Ping without payload',
      steps: [send(ping())],
      ...answers(pongWith('')),
    },
    {
      id: '2.2',
      sentence: 'answers a Ping with the text it carries',
      steps: [send(ping('Hello, world!'))],
      ...answers(pongWith('Hello, world!')),
    },
    {
      id: '2.3',
      sentence: 'answers a Ping with bytes that are not UTF-8',
      steps: [send(ping(NOT_UTF8))],
      ...answers(pongWith(NOT_UTF8)),
    },
    {
      id: '2.4',
      sentence: 'answers a Ping of 125 bytes',
      steps: [send(ping(LONGEST))],
      ...answers(pongWith(LONGEST)),
    },
    {
      id: '2.5',
      sentence: 'fails a Ping of 126 bytes',
      steps: [send(ping(Buffer.alloc(126, 0xfe)))],
      ...fails(1002),
    },
    {
      id: '2.6',
      sentence: 'answers a Ping of 125 bytes that comes octet by octet',
      steps: [sendChopped(1, ping(LONGEST))],
      ...answers(pongWith(LONGEST)),
    },
    {
      id: '2.7',
      sentence: 'does not answer a Pong nobody asked for',
      steps: [send(pong())],
      ...answers(),
    },
    {
      id: '2.8',
      sentence: 'does not answer a Pong nobody asked for that has a payload',
      steps: [send(pong('unsolicited'))],
      ...answers(),
    },
    {
      id: '2.9',
      sentence: 'answers the Ping that follows a Pong nobody asked for',
      steps: [send(pong('unsolicited'), ping('asked'))],
      ...answers(pongWith('asked')),
    },
    {
      id: '2.10',
      sentence: 'answers ten Pings in their order',
      steps: [send(...TEN.map((payload) => ping(payload)))],
      ...answers(...TEN.map(pongWith)),
      nonStrict: [onlyTheLast],
    },
    {
      id: '2.11',
      sentence: 'answers ten Pings in their order that come octet by octet',
      steps: [sendChopped(1, ...TEN.map((payload) => ping(payload)))],
      ...answers(...TEN.map(pongWith)),
      nonStrict: [onlyTheLast],
    },
  ],
}
