import type { IncomingMessage } from 'node:http'
import { settle } from '../websocket/user-code.ts'
import type { WebSocket } from '../websocket/websocket.ts'

/**
 * Told of each error of the application's own code, once. `socket` is undefined when the error came before the 101,
 * which then was a 500.
 */
export type OnError = (error: unknown, socket: WebSocket | undefined, request: IncomingMessage) => unknown

/** Where errors go when the application has no place for them: the stack, to `console.error`. */
export function logError(...[error]: unknown[]): void {
  console.error(error instanceof Error ? error.stack : error)
}

/**
 * `onError`, or `logError` without one. What `onError` itself throws, or rejects with, is logged. Throws a TypeError when
 * it is no function.
 */
export function errorPath<Report extends unknown[] = Parameters<OnError>>(
  onError: ((...report: Report) => unknown) | undefined,
): (...report: Report) => void {
  if (onError === undefined) return logError
  if (typeof onError !== 'function') {
    throw new TypeError('Option onError must be a function; write (error, socket, request) => …')
  }
  return (...report) => settle(() => onError(...report), logError)
}
