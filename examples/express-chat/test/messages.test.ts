import { describe, expect, it } from 'vitest'
import { parseMessage } from '../src/messages.ts'

describe('parseMessage', () => {
  it('reads what is said', () => {
    const data = '{"type":"say","id":"a-1","text":"Hello"}'
    expect(parseMessage(data)).toEqual({ type: 'say', id: 'a-1', text: 'Hello' })
  })

  it('reads that somebody is typing', () => {
    expect(parseMessage('{"type":"typing"}')).toEqual({ type: 'typing' })
  })

  it('reads a ping', () => {
    expect(parseMessage('{"type":"ping","id":"a-2"}')).toEqual({ type: 'ping', id: 'a-2' })
  })

  it('leaves out fields it does not know', () => {
    expect(parseMessage('{"type":"typing","from":"somebody else"}')).toEqual({ type: 'typing' })
  })

  it('takes a text of 2000 characters', () => {
    expect(parseMessage(say('x'.repeat(2000)))).toMatchObject({ type: 'say' })
  })

  it.each(['no JSON', '', '"a string"', '42', 'null', 'true'])('answers %j with what to send', (data) => {
    expect(parseMessage(data)).toEqual({
      type: 'error',
      message: 'Send one JSON object, such as {"type":"typing"}.',
    })
  })

  it.each(['[]', '{}', '{"type":"shout"}', '{"type":["say"]}', '{"type":"__proto__"}'])(
    'answers %s with the types there are',
    (data) => {
      expect(parseMessage(data)).toEqual({
        type: 'error',
        message: 'The type of a message is "say", "typing" or "ping".',
      })
    },
  )

  it('answers a binary message', () => {
    expect(parseMessage(Buffer.from('{"type":"typing"}'))).toEqual({
      type: 'error',
      message: 'Send text, not binary.',
    })
  })

  it.each([
    '{"type":"ping"}',
    '{"type":"ping","id":7}',
    `{"type":"ping","id":"${'x'.repeat(65)}"}`,
    say('Hello', ''),
  ])('answers %s, which has no good id', (data) => {
    expect(parseMessage(data)).toEqual({
      type: 'error',
      message: 'The id of a message is a string of 1 to 64 characters.',
    })
  })

  it('says how much too long a text is, and of which message', () => {
    expect(parseMessage(say('x'.repeat(2001), 'a-3'))).toEqual({
      type: 'error',
      message: 'That is 2001 characters, and 2000 fit into a message.',
      id: 'a-3',
    })
  })

  it('answers a text of blanks', () => {
    expect(parseMessage(say(' \n ', 'a-4'))).toEqual({
      type: 'error',
      message: 'Write something first.',
      id: 'a-4',
    })
  })

  it('answers a text that is none', () => {
    expect(parseMessage('{"type":"say","id":"a-5","text":{}}')).toEqual({
      type: 'error',
      message: 'The text of a message is a string.',
      id: 'a-5',
    })
  })
})

function say(text: string, id = 'a-1'): string {
  return JSON.stringify({ type: 'say', id, text })
}
