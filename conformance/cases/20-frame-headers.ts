import type { Case, Section } from '../vocabulary/case.ts'
import { binary, close, continuation, type Frame, ping, pong, text } from '../vocabulary/frame.ts'
import {
  type Alternative,
  answers,
  type Event,
  echo,
  echoOfText,
  fails,
  pongWith,
} from '../vocabulary/outcome.ts'
import { filler } from '../vocabulary/payload.ts'
import { send, sendChopped } from '../vocabulary/step.ts'

const TOP_BIT = 1n << 63n

/** RFC 6455 §5.1: each side masks, or does not, and takes nothing else. */
function masking(): Case[] {
  const wrong = (id: string, roles: Case['roles'], sentence: string, frame: Frame): Case => ({
    id,
    roles,
    sentence,
    steps: [send(frame)],
    ...fails(1002),
  })
  return [
    wrong('20.1.1', ['server'], 'fails a text that is not masked', text('Hello', { masked: false })),
    wrong('20.1.2', ['server'], 'fails a Ping that is not masked', ping('Hello', { masked: false })),
    wrong('20.1.3', ['server'], 'fails a Close that is not masked', close(1000, '', { masked: false })),
    wrong('20.1.4', ['client'], 'fails a text that is masked', text('Hello', { masked: true })),
    wrong('20.1.5', ['client'], 'fails a Ping that is masked', ping('Hello', { masked: true })),
    wrong('20.1.6', ['client'], 'fails a Close that is masked', close(1000, '', { masked: true })),
    {
      id: '20.1.7',
      roles: ['server'],
      sentence: 'echoes a text whose masking key is all zeros',
      steps: [send(text('Hello', { maskingKey: '00000000' }))],
      ...answers(echoOfText('Hello')),
    },
    {
      id: '20.1.8',
      roles: ['server'],
      sentence: 'unmasks each frame of a message with the key it came with',
      steps: [
        send(
          text('Hel', { fin: false, maskingKey: '01020304' }),
          ping('lo', { maskingKey: 'fffefdfc' }),
          continuation('lo', { maskingKey: '80706050' }),
        ),
      ],
      ...answers(pongWith('lo'), echoOfText('Hello')),
    },
  ]
}

/** RFC 6455 §5.2: the fewest bytes MUST be used, and the most significant bit of eight MUST be 0. */
function lengths(): Case[] {
  const overlong = (id: string, bytes: number, lengthBytes: 2 | 8): Case => ({
    id,
    sentence: `fails ${bytes} bytes whose length takes ${lengthBytes * 8} bits`,
    steps: [send(binary(filler(bytes), { lengthBytes }))],
    ...fails(1002),
    nonStrict: [...(fails(1002).nonStrict ?? []), takesOverlong(echo('binary', filler(bytes)))],
  })
  const negative = (id: string, what: string, length: bigint): Case => ({
    id,
    sentence: `fails a length of ${what}`,
    steps: [send(binary('', { length, lengthBytes: 8 }))],
    ...fails([1002, 1009]),
  })
  return [
    overlong('20.2.1', 0, 2),
    overlong('20.2.2', 125, 2),
    overlong('20.2.3', 125, 8),
    overlong('20.2.4', 65_535, 8),
    {
      id: '20.2.5',
      sentence: 'fails a Ping whose length takes 16 bits',
      steps: [send(ping('Hello', { lengthBytes: 2 }))],
      ...fails(1002),
    },
    negative('20.2.6', '2^63', TOP_BIT),
    negative('20.2.7', '2^64 - 1', 2n * TOP_BIT - 1n),
    {
      id: '20.2.8',
      sentence: 'echoes a text of 126 bytes that comes octet by octet',
      steps: [sendChopped(1, text(filler(126)))],
      ...answers(echoOfText(filler(126))),
    },
    {
      id: '20.2.9',
      sentence: 'echoes a text of 65536 bytes whose header is cut in two',
      steps: [send(text(filler(65_536), { part: [0, 5] })), send(text(filler(65_536), { part: [5] }))],
      ...answers(echoOfText(filler(65_536))),
    },
  ]
}

function takesOverlong(event: Event): Alternative {
  return {
    meaning: 'takes a length in more bytes than it needs: the MUST of RFC 6455 §5.2 is for the sender',
    events: [event],
    closeCodes: [1000],
  }
}

/** RFC 6455 §5.5: at most 125 bytes, never fragmented. */
function controlFrames(): Case[] {
  return [
    {
      id: '20.3.1',
      sentence: 'fails a Close that is not final',
      steps: [send(close(1000, '', { fin: false }))],
      ...fails(1002),
    },
    {
      id: '20.3.2',
      sentence: 'fails a Pong of 126 bytes',
      steps: [send(pong(filler(126)))],
      ...fails(1002),
    },
    {
      id: '20.3.3',
      sentence: 'fails a long Ping as soon as its length is known',
      steps: [send(ping('', { length: 65_536n, lengthBytes: 8 }))],
      ...fails(1002),
    },
    {
      id: '20.3.4',
      sentence: 'answers a Close inside an unfinished message',
      steps: [send(text('unfinished', { fin: false }), close(1000))],
      ...answers(),
    },
  ]
}

export const frameHeaders: Section = {
  number: 20,
  title: 'Frame headers: masks and lengths',
  cases: [...masking(), ...lengths(), ...controlFrames()],
}
