import { expect, it } from 'vitest'
import { isMessageMode, messageEventOf, otherMode } from '../../src/websocket/message-mode.ts'

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

it.each([
  ['stream', 'for await (… of socket), or'],
  ['message', 'for await (… of socket.streams())'],
] as const)('says what to write instead of a loop over each %s', (asked, instead) => {
  expect(otherMode(asked).message).toContain(instead)
})
