import type { Case, Section } from '../vocabulary/case.ts'
import { frame, ping, text } from '../vocabulary/frame.ts'
import { echoOfText, fails } from '../vocabulary/outcome.ts'
import { send, sendChopped } from '../vocabulary/step.ts'

const CONTENT = 'reserved opcode'

function reserved(group: string, first: number): Case[] {
  const what = group === '4.1' ? 'data' : 'control'
  const fails1002 = fails(1002)
  const failsAfterEcho = fails(1002, echoOfText('Hello, world!'))
  const later = (opcode: number, payload: string) => [text('Hello, world!'), frame(opcode, payload), ping()]
  return [
    {
      id: `${group}.1`,
      sentence: `fails the reserved ${what} opcode ${first}`,
      steps: [send(frame(first))],
      ...fails1002,
    },
    {
      id: `${group}.2`,
      sentence: `fails the reserved ${what} opcode ${first + 1} with a payload`,
      steps: [send(frame(first + 1, CONTENT))],
      ...fails1002,
    },
    {
      id: `${group}.3`,
      sentence: `echoes a text, then fails the reserved ${what} opcode ${first + 2}`,
      steps: [send(...later(first + 2, ''))],
      ...failsAfterEcho,
    },
    {
      id: `${group}.4`,
      sentence: `echoes a text, then fails the reserved ${what} opcode ${first + 3} with a payload`,
      steps: [send(...later(first + 3, CONTENT))],
      ...failsAfterEcho,
    },
    {
      id: `${group}.5`,
      sentence: `echoes a text, then fails the reserved ${what} opcode ${first + 4}, octet by octet`,
      steps: [sendChopped(1, ...later(first + 4, CONTENT))],
      ...failsAfterEcho,
    },
  ]
}

export const opcodes: Section = {
  number: 4,
  title: 'Opcodes',
  cases: [...reserved('4.1', 3), ...reserved('4.2', 11)],
}
