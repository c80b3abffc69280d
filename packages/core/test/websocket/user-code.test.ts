import { watchProcess } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { contain, isThenable, noteError, settle, throwUncaught } from '../../src/websocket/user-code.ts'
import { turns } from '../support/turns.ts'

/** A promise that is none of JavaScript's own. */
function foreignPromise(outcome: { error: unknown }): PromiseLike<never> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: what makes it a promise.
    then: (_onFulfilled: unknown, onRejected?: ((error: unknown) => unknown) | null) =>
      onRejected?.(outcome.error) as never,
  }
}

describe('what user code returned', () => {
  it.each([
    ['a promise', Promise.resolve()],
    ['a promise of another library', foreignPromise({ error: undefined })],
  ])('is to be waited for where it is %s', (_what, value) => {
    expect(isThenable(value)).toBe(true)
  })

  it.each([undefined, null, 0, 'then', {}, Object.fromEntries([['then', 1]]), () => {}])(
    'is not to be waited for: %s',
    (value) => {
      expect(isThenable(value)).toBe(false)
    },
  )
})

describe('user code that is run', () => {
  const errorsOf = async (userCode: () => unknown) => {
    const watch = watchProcess()
    const errors: unknown[] = []
    settle(userCode, (error) => errors.push(error))
    const errorsAtOnce = errors.length
    await turns()
    await watch.expectNone()
    watch.stop()
    return { errors, errorsAtOnce }
  }
  const error = new Error('of the user')

  it('has its throw reported at once', async () => {
    const throws = () => {
      throw error
    }
    expect(await errorsOf(throws)).toEqual({ errors: [error], errorsAtOnce: 1 })
  })

  it('has its rejection reported, and handled', async () => {
    expect(await errorsOf(() => Promise.reject(error))).toEqual({ errors: [error], errorsAtOnce: 0 })
  })

  it('has the rejection of a promise of another library reported', async () => {
    expect((await errorsOf(() => foreignPromise({ error }))).errors).toEqual([error])
  })

  it.each([
    ['returns', () => 1],
    ['resolves', () => Promise.resolve(1)],
  ])('is not heard of again when it %s', async (_how, userCode) => {
    expect((await errorsOf(userCode)).errors).toEqual([])
  })

  it('has a thrown undefined reported as well', async () => {
    expect((await errorsOf(() => Promise.reject())).errors).toEqual([undefined])
  })
})

describe('an error of a connection', () => {
  it.each([new Error('again'), undefined])('is new once: %s', (error) => {
    const [connection, other] = [{}, {}]
    expect([noteError(connection, error), noteError(connection, new Error('another'))]).toEqual([true, true])
    expect([noteError(connection, error), noteError(other, error)]).toEqual([false, true])
  })
})

describe('an error that nobody is there for', () => {
  it('is an uncaught exception of the next tick', async () => {
    const incidents = watchProcess()
    const fault = new Error('a bug')
    throwUncaught(fault)
    await turns()
    incidents.stop()
    expect(incidents.incidents).toEqual([{ kind: 'uncaughtException', reason: fault }])
  })
})

describe('a callback of user code', () => {
  it('is called with what it is given, and what it throws goes to nobody else', () => {
    const [errors, calls]: unknown[][] = [[], []]
    const failure = new Error('of the callback')
    const contained = contain(
      (...args: unknown[]) => {
        calls.push(args)
        throw failure
      },
      (error) => errors.push(error),
    )
    contained(1, 2)
    expect([calls, errors]).toEqual([[[1, 2]], [failure]])
  })
})
