import { messageOf } from '../vocabulary/corpus.ts'
import { type Frame, fragments, type MessageType } from '../vocabulary/frame.ts'
import { isSame, silence } from '../vocabulary/outcome.ts'
import { bytesOf } from '../vocabulary/payload.ts'
import type { Await, RoundTrips, Send, SendFragmented, Step } from '../vocabulary/step.ts'
import type { Deflater } from './deflater.ts'
import type { Peer } from './peer.ts'

/** How long an endpoint may take to fail a connection at once. */
const AT_ONCE_MS = 3_000

const RSV1 = 4

/** Takes the driver's part in a conversation, step by step. What comes of it is in `peer.events`. */
export async function play(steps: readonly Step[], peer: Peer): Promise<void> {
  for (const step of steps) await playStep(step, peer)
}

function playStep(step: Step, peer: Peer): Promise<void> {
  switch (step.kind) {
    case 'send':
      return send(step, peer)
    case 'send fragmented':
      return sendFragmented(step, peer)
    case 'await':
      return awaitEvents(step, peer)
    case 'round trips':
      return makeRoundTrips(step, peer)
  }
}

async function send({ frames, chop }: Send, peer: Peer): Promise<void> {
  if (chop === 'at once') return peer.send(frames)
  if (chop !== 'frame by frame') return peer.send(frames, chop)
  for (const frame of frames) await peer.send([frame])
}

function sendFragmented({ type, payload, fragmentBytes }: SendFragmented, peer: Peer): Promise<void> {
  return peer.send(framesOf(type, bytesOf(payload), { fragmentBytes, deflater: peer.deflater }))
}

async function awaitEvents({ awaited }: Await, peer: Peer): Promise<void> {
  const hasCome =
    awaited === 'failure'
      ? await peer.until(() => peer.hasEnded, AT_ONCE_MS)
      : await peer.until(() => peer.events.length >= awaited || peer.hasEnded)
  if (!hasCome) peer.events.push(silence)
}

/** Leaves one event for all that came back as they were, and whatever came instead of the first that did not. */
async function makeRoundTrips(step: RoundTrips, peer: Peer): Promise<void> {
  const { corpus, type, messageBytes, count, fragmentBytes } = step
  let echoed = 0
  while (echoed < count && !peer.hasEnded) {
    const payload = messageOf(corpus, echoed, messageBytes)
    await peer.send(framesOf(type, payload, { fragmentBytes, deflater: peer.deflater }))
    await peer.until(() => peer.events.length > 0 || peer.hasEnded)
    const [event] = peer.events
    if (!event || !isSame({ kind: 'message', type, payload }, event)) break
    peer.events.shift()
    echoed++
  }
  peer.events.unshift({ kind: 'echoes', count: echoed })
}

interface Framing {
  readonly fragmentBytes?: number | undefined
  readonly deflater: Deflater | undefined
}

/** One message as a sender without knowledge of its end cuts it: the last fragment is never full. */
export function framesOf(type: MessageType, payload: Buffer, { fragmentBytes, deflater }: Framing): Frame[] {
  const bytes = deflater ? deflater.deflate(payload) : payload
  const size = fragmentBytes ?? bytes.length + 1
  const parts = Array.from({ length: Math.floor(bytes.length / size) + 1 }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
  return fragments(type, parts, deflater ? { rsv: RSV1 } : {})
}
