import type { FrameInput } from '../frame-input.ts'
import type { OurOutcome, Outcome } from './play-frames.ts'

/** A way in which `ws` and we may differ on a stream, and why that is right. */
export interface FrameDifference {
  readonly reason: string
  explains(ours: OurOutcome, ws: Outcome, input: FrameInput): boolean
}

const CONTROL = /^(?:ping|pong|close):/

/** Every difference that is known. One that none of these explains is a finding. */
export const FRAME_DIFFERENCES: readonly FrameDifference[] = [
  {
    reason: 'RFC 6455 §5.2 wants the length in the fewest bytes; ws takes any',
    explains: (ours, ws) => ours.error === 'UPWIRE_OVERLONG_LENGTH' && goesOn(ours, ws),
  },
  {
    reason: 'RFC 6455 §5.2 wants the highest bit of a length clear; for ws such a length is too large',
    explains: (ours, ws) =>
      ours.error === 'UPWIRE_NEGATIVE_LENGTH' &&
      ws.error === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH' &&
      sameEvents(ours, ws),
  },
  {
    reason:
      'RFC 6455 §8.1 has invalid UTF-8 fail at once; ws waits for the end of the message, which may not come',
    explains: (ours, ws) => ours.error === 'WS_ERR_INVALID_UTF8' && onlyControlsFollow(ours, ws),
  },
  {
    reason:
      'we count the frames of a message with the control frames between them, at the header; ws counts its fragments, when whole',
    explains: (ours, ws, { limits }) =>
      ours.error === 'WS_ERR_TOO_MANY_BUFFERED_PARTS' && limits.maxFragments < 10 && goesOn(ours, ws),
  },
  {
    reason: 'a header is judged when its masking key has come; ws looks at the length before that',
    explains: (ours, ws, { role }) =>
      role === 'server' &&
      ours.isUnfinished &&
      ws.error === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' &&
      sameEvents(ours, ws),
  },
  {
    reason: 'a Close frame is read when it is whole; ws refuses one of a single byte at its header',
    explains: (ours, ws) =>
      ours.isUnfinished && ws.error === 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH' && sameEvents(ours, ws),
  },
  {
    reason: 'two rules are broken by one header: the close code is the same, the other rule is named',
    explains: (ours, ws) => isFrameError(ours.error) && isFrameError(ws.error) && sameEvents(ours, ws),
  },
  {
    reason: 'we inflate a message when it is whole; ws inflates each fragment, so its fault shows earlier',
    explains: (ours, ws) => isInflatingError(ws.error) && onlyControlsFollow(ws, ours),
  },
  {
    reason:
      'RFC 1951 §3.2.3: a message may go on after a final block; ws takes its end for the end of the message',
    explains: (ours, ws) => startsAlike(ours, ws, ours.finalBlockAfter),
  },
]

const FRAME_ERRORS: ReadonlySet<string | undefined> = new Set([
  'WS_ERR_UNEXPECTED_RSV_1',
  'WS_ERR_UNEXPECTED_RSV_2_3',
  'WS_ERR_INVALID_OPCODE',
  'WS_ERR_EXPECTED_FIN',
  'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
  'WS_ERR_EXPECTED_MASK',
  'WS_ERR_UNEXPECTED_MASK',
])

function isFrameError(code: string | undefined): boolean {
  return FRAME_ERRORS.has(code)
}

function isInflatingError(code: string | undefined): boolean {
  return code === 'Z_DATA_ERROR' || code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
}

function sameEvents(one: Outcome, other: Outcome): boolean {
  return one.events.join('\n') === other.events.join('\n')
}

/** Whether the longer one begins with all of the shorter one. */
function goesOn(shorter: Outcome, longer: Outcome): boolean {
  return shorter.events.every((event, index) => longer.events[index] === event)
}

/** Whether the longer one has control frames only beyond the shorter one: the message in question never came out. */
function onlyControlsFollow(shorter: Outcome, longer: Outcome): boolean {
  return (
    goesOn(shorter, longer) &&
    longer.events.slice(shorter.events.length).every((event) => CONTROL.test(event))
  )
}

/** Whether the two are the same in the first `count` events, as far as both have them. */
function startsAlike(one: Outcome, other: Outcome, count: number | undefined): boolean {
  if (count === undefined) return false
  const alike = Math.min(count, other.events.length)
  return other.events.slice(0, alike).every((event, index) => one.events[index] === event)
}
