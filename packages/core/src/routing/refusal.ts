import { HandshakeError, handshakeError } from '../handshake/handshake-error.ts'
import type { Rejection } from '../handshake/opening-response.ts'
import { reasonPhrase } from '../handshake/reason-phrase.ts'
import { UpgradeRejection } from './upgrade-rejection.ts'

/**
 * A handshake that ends without a connection, and why: a `HandshakeError` of ours, an `UpgradeRejection`, an error with
 * a status, or anything else that the application threw.
 */
export class Refusal {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** What http-errors makes, and what frameworks throw. */
interface HttpError extends Error {
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly expose?: unknown
  readonly headers?: unknown
}

/** Whether what an `upgrade` hook returned refuses, and is no data. */
export function isRejection(answer: unknown): answer is Response | UpgradeRejection {
  return answer instanceof UpgradeRejection || answer instanceof Response
}

/** The refusal for what an `upgrade` hook threw, or returned to refuse. A `Response` is read first. Never rejects. */
export function refusalOf(reason: unknown): Refusal | Promise<Refusal> {
  return reason instanceof Response ? readResponse(reason) : new Refusal(reason)
}

async function readResponse(response: Response): Promise<Refusal> {
  try {
    const { status, headers } = response
    const body = new Uint8Array(await response.arrayBuffer())
    return new Refusal(new UpgradeRejection(status, { headers, body }))
  } catch (unreadable) {
    return new Refusal(unreadable)
  }
}

/**
 * The HTTP response that tells the peer. An error with a `status` or `statusCode` from 400 to 599 answers with that and
 * its `headers`; its message is the body where `expose` says so or, without `expose`, below 500: the convention of
 * http-errors. Of any other error the peer learns nothing but 500.
 */
export function toRejection(reason: unknown): Rejection {
  if (reason instanceof UpgradeRejection) return reason
  if (reason instanceof HandshakeError) return fromHandshakeError(reason)
  if (isHttpError(reason)) return fromHttpError(reason)
  return fromHandshakeError(handshakeError('UPWIRE_UPGRADE_FAILED'))
}

/** The fault behind a refusal, for the application's error path; `undefined` where the refusal is meant. */
export function faultOf(reason: unknown): unknown {
  if (reason instanceof HandshakeError) return reason.cause
  if (reason instanceof UpgradeRejection || isHttpError(reason)) return undefined
  return reason ?? new Error(`The opening handshake failed: ${reason} was thrown`)
}

function isHttpError(reason: unknown): reason is HttpError {
  return reason instanceof Error && statusOf(reason) !== undefined
}

function statusOf({ status, statusCode }: HttpError): number | undefined {
  return [status, statusCode].filter((value) => typeof value === 'number').find(isErrorStatus)
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599
}

function fromHandshakeError({ status, headers, message }: HandshakeError): Rejection {
  return { status, headers: Object.entries(headers), body: message }
}

function fromHttpError(error: HttpError): Rejection {
  const status = statusOf(error) ?? 500
  const isShown = error.expose === undefined ? status < 500 : error.expose === true
  const headers = Object.entries(error.headers ?? {}).map(([name, value]) => [name, String(value)] as const)
  return { status, headers, body: isShown ? error.message : reasonPhrase(status) }
}
