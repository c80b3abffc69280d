import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errorPath, logError, type OnError } from '../../src/server/error-path.ts'
import { openingRequest } from '../handshake/request.ts'

const log = vi.spyOn(console, 'error')
const request = openingRequest()

beforeEach(() => {
  log.mockImplementation(() => {})
})

afterEach(() => {
  log.mockReset()
})

describe('logError', () => {
  it('prints the stack of an error', () => {
    const error = new Error('a bug')
    logError(error)
    expect(log).toHaveBeenCalledExactlyOnceWith(error.stack)
  })

  it('prints whatever else was thrown', () => {
    logError('a bug')
    expect(log).toHaveBeenCalledExactlyOnceWith('a bug')
  })
})

describe('errorPath', () => {
  it('is logError where the application has none', () => {
    expect(errorPath(undefined)).toBe(logError)
  })

  it.each([null, 'log', {}])('refuses %j, which is no function', (onError) => {
    expect(() => errorPath(onError as never)).toThrow(TypeError)
    expect(() => errorPath(onError as never)).toThrow('Option onError must be a function')
  })

  it('tells the application once, and logs nothing', () => {
    const onError = vi.fn()
    errorPath(onError)('a bug', undefined, request)
    expect(onError).toHaveBeenCalledExactlyOnceWith('a bug', undefined, request)
    expect(log).not.toHaveBeenCalled()
  })

  it('logs what the application throws then', () => {
    const another = new Error('another bug')
    const onError = () => {
      throw another
    }
    errorPath<Parameters<OnError>>(onError)('a bug', undefined, request)
    expect(log).toHaveBeenCalledExactlyOnceWith(another.stack)
  })

  it('logs what the application rejects with then', async () => {
    const rejected = Promise.reject('another')
    errorPath<Parameters<OnError>>(() => rejected)('a bug', undefined, request)
    await rejected.catch(() => {})
    expect(log).toHaveBeenCalledExactlyOnceWith('another')
  })
})
