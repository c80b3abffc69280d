import { IncomingMessage, ServerResponse } from 'node:http'
import { duplexPair } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { makeInert, ownMethods } from '../../src/server/response-methods.ts'

function ownedResponse(): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(duplexPair()[0] as never))
  ownMethods(response)
  return response
}

describe('the methods of a response that may be taken away', () => {
  it('do what they did', () => {
    const response = ownedResponse()
    response.setHeader('X-One', '1').appendHeader('X-One', '2').setHeader('X-Two', '2').removeHeader('X-Two')
    expect(response.getHeaders()).toEqual({ 'x-one': ['1', '2'] })
    expect(response.writeHead(204).headersSent).toBe(true)
    expect(() => response.setHeader('X-Late', 'yes')).toThrow('Cannot set headers after they are sent')
  })

  it('are those of the prototype that a framework puts below it', () => {
    const response = ownedResponse()
    const prototype = Object.create(ServerResponse.prototype, {
      end: { value: () => 'the framework has ended it' },
    })
    Object.setPrototypeOf(response, prototype)
    expect(response.end()).toBe('the framework has ended it')
  })

  it('work through objects that are made of the response, replaced or not', () => {
    const response = ownedResponse()
    const { setHeader } = response
    response.setHeader = function (name, value) {
      return setHeader.call(this, name, `${value}, seen`)
    }
    const wrapped: ServerResponse = Object.create(response)
    wrapped.setHeader('X-One', '1')
    wrapped.removeHeader('X-Two')
    expect(wrapped.getHeaders()).toEqual({ 'x-one': '1, seen' })
  })

  it('do nothing when they are taken away, and call back who waits', async () => {
    const response = ownedResponse()
    Object.setPrototypeOf(response, Object.create(ServerResponse.prototype))
    makeInert(response)
    response.setHeader('X-Late', 'yes').writeHead(500).flushHeaders()
    await new Promise<void>((resolve) => expect(response.write('late', () => resolve())).toBe(true))
    await new Promise<void>((resolve) => expect(response.end('late', resolve)).toBe(response))
    expect(response.getHeaderNames()).toEqual([])
    expect(response.headersSent).toBe(false)
  })
})
