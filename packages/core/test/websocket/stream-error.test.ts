import { expect, it } from 'vitest'
import { STREAM_ERRORS, StreamError, type StreamErrorCode } from '../../src/websocket/stream-error.ts'

it.each(Object.keys(STREAM_ERRORS) as StreamErrorCode[])('%s has its code and a message', (code) => {
  const error = new StreamError(code, 10)
  expect(error).toBeInstanceOf(Error)
  expect([error.name, error.code]).toEqual(['StreamError', code])
  expect(error.message).not.toContain('%')
})

it('says how long a message that is too long may be', () => {
  expect(new StreamError('UPWIRE_MESSAGE_TOO_LONG', 1024).message).toMatch(
    /^The message has more than 1024 bytes/,
  )
})
