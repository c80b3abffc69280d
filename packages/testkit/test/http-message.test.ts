import { describe, expect, it } from 'vitest'
import { headEnd, readBody, readHead } from '../src/http-message.ts'

const head = (...lines: string[]) => readHead([...lines, '', ''].join('\r\n'))

describe('the head of an answer', () => {
  it('ends with the first empty line', () => {
    expect(headEnd(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\n'))).toBe(25)
    expect(headEnd(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n'))).toBe(-1)
  })

  it('has a status and its text', () => {
    expect(head('HTTP/1.1 426 Upgrade Required')).toMatchObject({
      status: 426,
      statusText: 'Upgrade Required',
    })
    expect(head('HTTP/1.0 200 ')).toMatchObject({ status: 200, statusText: '' })
  })

  it('has headers by lower-case name, one value for each time they were sent', () => {
    const { headers } = head('HTTP/1.1 200 OK', 'Set-Cookie: a=1', 'X-Url:http://a:1', 'set-cookie:  b=2 ')
    expect([...headers]).toEqual([
      ['set-cookie', ['a=1', 'b=2']],
      ['x-url', ['http://a:1']],
    ])
  })

  it('is refused where it is not HTTP', () => {
    expect(() => head('SSH-2.0-OpenSSH')).toThrow('Not a status line of HTTP/1.1: "SSH-2.0-OpenSSH"')
  })
})

describe('the body of an answer', () => {
  const announced = head('HTTP/1.1 200 OK', 'Content-Length: 5')
  const chunked = head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')
  const unannounced = head('HTTP/1.1 200 OK')

  it('has the announced length, whatever follows it', () => {
    expect(readBody(announced, Buffer.from('hell'), false)).toBeUndefined()
    expect(readBody(announced, Buffer.from('hello HTTP/1.1'), false)).toBe('hello')
  })

  it('is all until the end where no length was announced', () => {
    expect(readBody(unannounced, Buffer.from('hello'), false)).toBeUndefined()
    expect(readBody(unannounced, Buffer.from('hello'), true)).toBe('hello')
  })

  it('is put together from chunks, once the last one is there', () => {
    const wire = '5\r\nhello\r\nb\r\n, my\r\nworld\r\n0\r\n\r\n'
    expect(readBody(chunked, Buffer.from(`${wire}HTTP/1.1`), false)).toBe('hello, my\r\nworld')
    for (let cut = 0; cut < wire.length; cut++) {
      expect(readBody(chunked, Buffer.from(wire.slice(0, cut)), true)).toBeUndefined()
    }
  })
})
