import { ReadyState, type WebSocket } from '@upwire/core'
import { isThenable } from '@upwire/core/internal'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorHandler } from './fastify-types.ts'
import type { WebSocket as FastifySocket } from './socket.ts'

/** Where the errors of one connection go. */
export type Report = (error: unknown, socket: WebSocket) => unknown

/**
 * The `errorHandler`, or the log of the request. Of the request nothing but its log is kept where nobody looks at it.
 * What the handler itself throws, or rejects with, is logged.
 */
export function reportTo(
  errorHandler: ErrorHandler | undefined,
  instance: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
): Report {
  const logError = reportToLog(request.log)
  if (!errorHandler) return logError
  return async (error, socket) => {
    try {
      await errorHandler.call(instance, error as Error, socket as FastifySocket, request, reply)
    } catch (fault) {
      logError(fault, socket)
    }
  }
}

/** By itself: functions that are made in one place keep alive what any of them refers to. */
function reportToLog(log: FastifyBaseLogger): Report {
  return (error) => log.error(error)
}

/**
 * Runs a handler as @fastify/websocket does. The `errorHandler` is told what the peer does against the protocol, too;
 * where the handler fails, it has its turn while the connection is still open, and without one the connection is cut
 * off. What the `errorHandler` leaves open is closed with 1011.
 */
export function runCompatibly(
  run: () => unknown,
  socket: WebSocket,
  report: Report,
  errorHandler: ErrorHandler | undefined,
): unknown {
  const failed = async (error: unknown): Promise<void> => {
    const reported = report(error, socket)
    if (!errorHandler) return socket.terminate()
    await reported
    if (socket.readyState === ReadyState.OPEN) socket.close(1011)
  }
  if (errorHandler) socket.on('error', (error) => void report(error, socket))
  try {
    const result = run()
    return isThenable(result) ? result.then(undefined, failed) : undefined
  } catch (error) {
    return failed(error)
  }
}
