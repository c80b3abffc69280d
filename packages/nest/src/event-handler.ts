import type { WebSocket } from '@upwire/core'
import { isThenable } from '@upwire/core/internal'
import { catchError, EMPTY, isObservable } from 'rxjs'
import type { NestContexts } from './nest-contexts.ts'
import type { MessageHandler, RegisteredGateway } from './nest-types.ts'

/** What takes the messages of one event. */
export interface EventHandler {
  /** Gives the result, a promise of it, or an Observable of results. Never throws or rejects: filters have been asked. */
  readonly handle: (socket: WebSocket, data: unknown, event: unknown) => unknown
  /** Whether the method itself only runs when the Observable that `handle` gives is subscribed to. */
  readonly isIntercepted: boolean
}

/**
 * Makes a method with `@SubscribeMessage` an `EventHandler`. A method with nothing bound to it is called directly: with
 * no promise, unless it returns one. Any other goes through Nest's own guards, interceptors, pipes and filters.
 */
export function createEventHandler(
  contexts: NestContexts,
  gateway: RegisteredGateway,
  handler: MessageHandler,
): EventHandler {
  const plain = contexts.plainParams(gateway, handler)
  if (!plain) {
    return {
      handle: contexts.bind(gateway, handler),
      isIntercepted: contexts.isIntercepted(gateway, handler),
    }
  }
  const { instance } = gateway
  const { callback, message } = handler
  const { argsLength, params } = plain
  const handleException = contexts.exceptionsHandler(gateway, callback)

  const handle: EventHandler['handle'] = (socket, data, event) => {
    const fail = (error: unknown): void => handleException(error, [socket, data, event, message])
    try {
      const args = new Array<unknown>(argsLength)
      for (const { index, extractValue } of params) args[index] = extractValue(socket, data, event, message)
      const result: unknown = Reflect.apply(callback, instance, args)
      return typeof result === 'object' && result !== null ? containResult(result, fail) : result
    } catch (error) {
      return fail(error)
    }
  }
  return { handle, isIntercepted: false }
}

/** Lets what a promise rejects with, or an Observable ends with, go the way of what is thrown. */
function containResult(result: object, fail: (error: unknown) => void): unknown {
  if (isThenable(result)) return result.then((value) => containValue(value, fail), fail)
  return containValue(result, fail)
}

function containValue(value: unknown, fail: (error: unknown) => void): unknown {
  if (!isObservable(value)) return value
  return value.pipe(
    catchError((error) => {
      fail(error)
      return EMPTY
    }),
  )
}
