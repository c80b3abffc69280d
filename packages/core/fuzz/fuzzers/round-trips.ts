import { duplexPair } from '@upwire/testkit'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import type { Choices } from '../../test/support/random-source.ts'
import { WatchedBudget } from '../frame-input.ts'
import { expectSame, type Fuzzer } from '../fuzzer.ts'
import { mutate } from '../mutations.ts'
import { openEnd } from '../open-end.ts'

/** The bits of an input's first byte. */
const CLIENT = 1
const COMPRESSED = 2
const CONTEXT_TAKEOVER = 4
const SETUPS = 8

/** What follows are calls, of three bytes each: which, and the length of what is sent. */
const CALL_BYTES = 3
const MAX_CALLS = 40
const PING = 5
const PLAIN = 8
const UNFINISHED = 16
const BINARY = 32

/** What one end sends is what the other end is told. */
export const roundTrips: Fuzzer = {
  name: 'round-trips',
  seeds: 'round-trips',
  about: 'what is sent from one end, whole, in fragments, compressed and not, is what arrives at the other',
  generate(choices: Choices) {
    const calls = Array.from({ length: 1 + choices.below(12) }, () => {
      const length = choices.oneOf([0, 1, 125, 126, 1000, choices.below(0x10000)])
      return Buffer.of(choices.below(256), length >> 8, length)
    })
    const input = Buffer.concat([Buffer.of(choices.below(SETUPS)), ...calls])
    return choices.chance(0.2) ? mutate(input, choices) : input
  },
  async check(input) {
    const [setup = 0] = input
    const shared = {
      compressed: (setup & COMPRESSED) !== 0,
      contextTakeover: (setup & CONTEXT_TAKEOVER) !== 0,
    }
    const limits = () => ({ maxPayload: 16 * 1024 * 1024, maxFragments: 1000, budget: new WatchedBudget() })
    const [left, right] = duplexPair()
    const roles = setup & CLIENT ? (['client', 'server'] as const) : (['server', 'client'] as const)
    const sender = openEnd(left, { ...shared, role: roles[0], limits: limits() })
    const receiver = openEnd(right, { ...shared, role: roles[1], limits: limits() })
    const expected = sendAll(sender.socket, input.subarray(1))
    sender.socket.close(1000)
    const codes = await Promise.all([sender.closed, receiver.closed])
    expectSame(codes.join(), '1000,1000', 'both ends close as asked')
    expectSame(receiver.recorder.events.join('\n'), expected.join('\n'), 'what is sent is what arrives')
  },
}

/** Makes the calls, and says what the other end is to record of them. */
function sendAll(socket: WebSocket, calls: Buffer): string[] {
  const expected: string[] = []
  let parts: Buffer[] = []
  let isBinary = false
  for (let at = 0; at + CALL_BYTES <= calls.length && at < MAX_CALLS * CALL_BYTES; at += CALL_BYTES) {
    const [kind, payload] = [calls[at], payloadOf(calls[at], calls.readUInt16BE(at + 1))]
    if ((kind & 7) === PING) {
      socket.ping(payload.subarray(0, 125))
      expected.push(`ping:${payload.toString('hex', 0, 125)}`)
      continue
    }
    const fin = (kind & UNFINISHED) === 0
    if (parts.length === 0) isBinary = (kind & BINARY) !== 0
    parts.push(payload)
    socket.send(payload, { fin, binary: isBinary, compress: (kind & PLAIN) === 0 })
    if (fin) expected.push(shown(parts.splice(0), isBinary))
  }
  if (parts.length > 0) {
    socket.send('', { fin: true })
    expected.push(shown(parts, isBinary))
    parts = []
  }
  return expected
}

/** ASCII, so that it is text however it is cut; some of it repeats. */
function payloadOf(kind: number, length: number): Buffer {
  return Buffer.alloc(length, `message ${kind} `)
}

function shown(parts: readonly Buffer[], isBinary: boolean): string {
  const whole = Buffer.concat(parts)
  return isBinary ? `binary:${whole.toString('hex')}` : `text:${whole}`
}
