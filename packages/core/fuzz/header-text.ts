import type { Choices } from '../test/support/random-source.ts'
import { mutate } from './mutations.ts'

const NAMES = [
  'permessage-deflate',
  'x-unknown',
  'chat.v1',
  'chat',
  'a',
  '__proto__',
  'constructor',
  'toString',
]
const PARAMETERS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
  'a',
  '__proto__',
]
const VALUES = ['15', '8', '10', '7', '16', '08', '"12"', '"1\\5"', '', '""', 'true', 'a']
const SPACES = ['', '', '', ' ', '\t ']
const SEPARATORS = [', ', ',', ' , ', ',,', '\t,']

/** A value of `Sec-WebSocket-Extensions`, or of a header with a plainer list. Most are valid. */
export function headerText(choices: Choices): Buffer {
  const hasParameters = choices.chance(0.7)
  const count = choices.chance(0.02) ? 30 + choices.below(6) : 1 + choices.below(4)
  const elements = Array.from({ length: count }, () =>
    hasParameters ? offer(choices) : choices.oneOf(NAMES),
  )
  const text = Buffer.from(elements.join(choices.oneOf(SEPARATORS)), 'latin1')
  return choices.chance(0.5) ? mutate(text, choices) : text
}

/** A name, mostly the one that counts, with parameters that mostly have a value of their kind. */
function offer(choices: Choices): string {
  const name = choices.chance(0.7) ? NAMES[0] : choices.oneOf(NAMES)
  const count = choices.chance(0.02) ? 30 + choices.below(6) : choices.below(5)
  const parameters = Array.from({ length: count }, () => `${choices.oneOf(SPACES)};${parameter(choices)}`)
  return name + parameters.join('')
}

function parameter(choices: Choices): string {
  const name = choices.oneOf(PARAMETERS)
  const value = () => `${choices.oneOf(SPACES)}=${choices.oneOf(SPACES)}${choices.oneOf(VALUES)}`
  const hasValue = choices.chance(name.endsWith('bits') ? 0.7 : 0.1)
  return `${choices.oneOf(SPACES)}${name}${hasValue ? value() : ''}`
}
