import { describe, expect, it } from 'vitest'
import { watchEachTest } from '../src/watch-each-test.ts'

const listeners = () => process.listenerCount('unhandledRejection')

describe('watchEachTest', () => {
  const outside = listeners()

  describe('while a test runs', () => {
    const watch = watchEachTest()

    it('collects what troubles the process, until the test takes it', () => {
      expect(listeners()).toBe(outside + 1)
      const reason = Object.assign(new Error('too many'), { name: 'MaxListenersExceededWarning' })
      process.emit('warning', reason)
      expect(watch.take()).toEqual([{ kind: 'warning', reason }])
      expect(watch.take()).toEqual([])
    })
  })

  it('leaves no listener behind', () => {
    expect(listeners()).toBe(outside)
  })
})
