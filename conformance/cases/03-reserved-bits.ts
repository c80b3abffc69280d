import type { Section } from '../vocabulary/case.ts'
import { binary, close, ping, text } from '../vocabulary/frame.ts'
import { echoOfText, fails } from '../vocabulary/outcome.ts'
import { hex } from '../vocabulary/payload.ts'
import { send, sendChopped } from '../vocabulary/step.ts'

/** A good message, one with reserved bits, and a Ping that is not to be answered. */
const goodThenReserved = (rsv: number) => [text('Hello, world!'), text('Hello, world!', { rsv }), ping()]

export const reservedBits: Section = {
  number: 3,
  title: 'Reserved bits',
  cases: [
    {
      id: '3.1',
      sentence: 'fails a text with RSV3',
      steps: [send(text('Hello, world!', { rsv: 1 }))],
      ...fails(1002),
    },
    {
      id: '3.2',
      sentence: 'echoes a text, then fails one with RSV2',
      steps: [send(...goodThenReserved(2))],
      ...fails(1002, echoOfText('Hello, world!')),
    },
    {
      id: '3.3',
      sentence: 'echoes a text, then fails one with RSV2 and RSV3, frame by frame',
      steps: [sendChopped('frame by frame', ...goodThenReserved(3))],
      ...fails(1002, echoOfText('Hello, world!')),
    },
    {
      id: '3.4',
      sentence: 'echoes a text, then fails one with RSV1, octet by octet',
      steps: [sendChopped(1, ...goodThenReserved(4))],
      ...fails(1002, echoOfText('Hello, world!')),
    },
    {
      id: '3.5',
      sentence: 'fails a binary message with RSV1 and RSV3',
      steps: [send(binary(hex('00 ff fe fd fc fb 00 ff'), { rsv: 5 }))],
      ...fails(1002),
    },
    {
      id: '3.6',
      sentence: 'fails a Ping with RSV1 and RSV2',
      steps: [send(ping('Hello, world!', { rsv: 6 }))],
      ...fails(1002),
    },
    {
      id: '3.7',
      sentence: 'fails a Close with all reserved bits',
      steps: [send(close(1000, '', { rsv: 7 }))],
      ...fails(1002),
    },
  ],
}
