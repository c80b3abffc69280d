import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { formatRejection, type Rejection } from '../handshake/opening-response.ts'
import { faultOf, toRejection } from '../routing/refusal.ts'
import type { OnError } from './error-path.ts'
import { endWithLinger } from './linger.ts'

/**
 * Ends a handshake with an HTTP response. Throws a TypeError or RangeError, having written nothing, when the rejection
 * cannot be said in HTTP.
 */
export function refuse(stream: Duplex, rejection: Rejection): void {
  const date = ['Date', new Date().toUTCString()] as const
  endWithLinger(stream, formatRejection({ ...rejection, headers: [date, ...(rejection.headers ?? [])] }))
}

/** Refuses for a reason, of any kind; a fault behind it is reported. Never throws. */
export function refuseFor(reason: unknown, stream: Duplex, request: IncomingMessage, onError: OnError): void {
  const fault = faultOf(reason)
  if (fault !== undefined) onError(fault, undefined, request)
  try {
    refuse(stream, toRejection(reason))
  } catch (unsayable) {
    refuseFor(unsayable, stream, request, onError)
  }
}
