import type { MessageType } from './frame.ts'
import { bytesOf, type Payload } from './payload.ts'

/** Something the endpoint under test did, or failed to do. */
export type Event =
  | { readonly kind: 'message'; readonly type: MessageType; readonly payload: Payload }
  | { readonly kind: 'pong'; readonly payload: Payload }
  /** Round trips that went well. */
  | { readonly kind: 'echoes'; readonly count: number }
  /** It had a reason to answer or to fail the connection, and did not in time. */
  | { readonly kind: 'silence' }
  /** A server's answer to the opening handshake, other than 101: any of these statuses. */
  | { readonly kind: 'refusal'; readonly statuses: readonly number[] }
  /** It broke a rule itself. */
  | { readonly kind: 'violation'; readonly rule: string }

/** What a whole conversation comes to. */
export interface Outcome {
  readonly events: readonly Event[]
  /**
   * The close codes it may end with, as the driver sees them: 1005 is a Close frame without a code, 1006 an end of the
   * TCP connection without a Close frame (RFC 6455 §7.1.5).
   */
  readonly closeCodes: readonly number[]
}

/** An outcome that the RFC allows, or leaves to the endpoint, and that is not the one to aim for. */
export interface Alternative extends Outcome {
  /** What the endpoint does; with why that is allowed. */
  readonly meaning: string
}

export interface Expected {
  readonly strict: readonly Outcome[]
  readonly nonStrict?: readonly Alternative[]
}

export function echo(type: MessageType, payload: Payload): Event {
  return { kind: 'message', type, payload }
}

export function echoOfText(payload: Payload): Event {
  return echo('text', payload)
}

export function pongWith(payload: Payload): Event {
  return { kind: 'pong', payload }
}

export function echoes(count: number): Event {
  return { kind: 'echoes', count }
}

export const silence: Event = { kind: 'silence' }

/** The endpoint does this, nothing more, and answers the driver's Close frame. */
export function answers(...events: Event[]): Expected {
  return { strict: [{ events, closeCodes: [1000] }] }
}

/** The endpoint does this and then fails the connection, with one of these codes (RFC 6455 §7.1.7). */
export function fails(closeCodes: number | readonly number[], ...events: Event[]): Expected {
  const codes = [closeCodes].flat()
  return {
    strict: [{ events, closeCodes: codes }],
    nonStrict: [
      {
        meaning: 'ends TCP without the Close frame that RFC 6455 §7.1.7 recommends',
        events,
        closeCodes: [1006],
      },
      ...(events.length > 0 ? [unanswered([...codes, 1006])] : []),
    ],
  }
}

/** A server answers the opening handshake with one of these statuses. */
export function refuses(...statuses: number[]): Outcome {
  return { events: [{ kind: 'refusal', statuses }], closeCodes: [1006] }
}

function unanswered(closeCodes: readonly number[]): Alternative {
  return { meaning: 'fails the connection without having answered what came before', events: [], closeCodes }
}

/** Whether what was observed is what was expected. */
export function isSame(expected: Event, observed: Event): boolean {
  if (expected.kind === 'message' && observed.kind === 'message') {
    return expected.type === observed.type && bytesOf(expected.payload).equals(bytesOf(observed.payload))
  }
  if (expected.kind === 'pong' && observed.kind === 'pong') {
    return bytesOf(expected.payload).equals(bytesOf(observed.payload))
  }
  if (expected.kind === 'refusal' && observed.kind === 'refusal') {
    return observed.statuses.every((status) => expected.statuses.includes(status))
  }
  if (expected.kind === 'echoes' && observed.kind === 'echoes') return expected.count === observed.count
  return expected.kind === 'silence' && observed.kind === 'silence'
}
