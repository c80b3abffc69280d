import { expect, it } from 'vitest'
import { isMessageMode, messageEventOf } from '../../src/websocket/message-mode.ts'

it.each([
  [undefined, 'message'],
  ['whole', 'message'],
  ['streamed', 'stream'],
] as const)('names the event and the hook of messages that are %s: %s', (mode, event) => {
  expect(messageEventOf(mode)).toBe(event)
})

it.each(['whole', 'streamed'])('is %s', (mode) => {
  expect(isMessageMode(mode)).toBe(true)
})

it.each([undefined, null, true, 'stream', ''])('is not %j', (value) => {
  expect(isMessageMode(value)).toBe(false)
})
