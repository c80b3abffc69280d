import { close, frame, text } from '@upwire/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { Verdict } from '../../driver/judge.ts'
import { runCase } from '../../driver/run.ts'
import { ServerUnderTest } from '../../driver/server-under-test.ts'
import { caseOf } from '../support/case.ts'
import { echoing, failing, type OnFrame } from '../support/manners.ts'
import { type RawServer, rawServer } from '../support/raw-server.ts'

const TEXT = '1.1.2'
const PING = '2.2'
const RESERVED_BITS = '3.1'
const COMPRESSED = '12.1.1'

const unmasked = () => ({ mask: false }) as const
const echo = echoing(unmasked)

let server: RawServer | undefined
afterEach(() => server?.close())

async function verdictOn(id: string, onFrame: OnFrame, headers?: Record<string, string>): Promise<Verdict> {
  server = await rawServer(onFrame, headers)
  return runCase(caseOf(id), new ServerUnderTest(server.port))
}

/** Does `wrong` with every frame but a Close. */
function butCloses(wrong: OnFrame): OnFrame {
  return (received, stream) => (received.opcode === 0x8 ? echo : wrong)(received, stream)
}

describe('a server that does right', () => {
  it.each([TEXT, PING, '5.3'])('is strict in %s', async (id) => {
    const joining: OnFrame = ({ opcode, fin, payload }, stream) => {
      if (opcode === 0x1 && !fin) return
      const whole = opcode === 0x0 ? Buffer.from('fragment1fragment2') : payload
      echo({ opcode: opcode === 0x0 ? 0x1 : opcode, payload: whole, fin, masked: true, rsv: 0 }, stream)
    }
    expect(await verdictOn(id, joining)).toEqual({ kind: 'strict' })
  })

  it('is strict where it fails the connection as it should', async () => {
    expect(await verdictOn(RESERVED_BITS, failing(1002, unmasked))).toEqual({ kind: 'strict' })
  })

  it('has not implemented what it declines', async () => {
    expect(await verdictOn(COMPRESSED, echo)).toEqual({ kind: 'unimplemented', needs: 'permessage-deflate' })
  })
})

describe('a server that does otherwise', () => {
  it('is non-strict where it ends TCP in place of failing the connection', async () => {
    expect(await verdictOn(RESERVED_BITS, (_, stream) => stream.destroy())).toEqual({
      kind: 'non-strict',
      meaning: 'ends TCP without the Close frame that RFC 6455 §7.1.7 recommends',
    })
  })

  it.each<[string, string, OnFrame, string]>([
    [
      'changes a message',
      TEXT,
      butCloses((_, stream) => stream.write(text('x', unmasked()))),
      'got text of 1',
    ],
    [
      'changes its type',
      TEXT,
      butCloses((_, stream) => stream.write(frame(2, 'x', unmasked()))),
      'got binary',
    ],
    [
      'echoes twice',
      TEXT,
      butCloses(({ payload }, stream) =>
        stream.write(Buffer.concat(Array(2).fill(text(payload, unmasked())))),
      ),
      'got text of 125 bytes',
    ],
    [
      'answers a Ping with another payload',
      PING,
      butCloses((_, stream) => stream.write(frame(0xa, 'x', unmasked()))),
      'got pong of 1',
    ],
    ['masks what it sends', TEXT, echoing(() => ({})), 'sent a masked frame as a server'],
    ['takes reserved bits', RESERVED_BITS, echo, 'got text of 13'],
    ['sets reserved bits', TEXT, echoing(() => ({ ...unmasked(), rsv: 4 })), 'sent reserved bits 4'],
    ['fails the connection with another code', RESERVED_BITS, failing(1011, unmasked), 'got close 1011'],
    [
      'goes on after its Close',
      TEXT,
      (_, stream) => stream.write(Buffer.concat([close(1000, '', unmasked()), text('a', unmasked())])),
      'sent a frame after its Close frame',
    ],
  ])('has failed when it %s', async (_, id, onFrame, difference) => {
    const verdict = await verdictOn(id, onFrame)
    expect(verdict).toMatchObject({ kind: 'failed', difference: expect.stringContaining(difference) })
  })

  it.each<[string, Record<string, string>, string]>([
    ['sends a wrong accept key', { 'Sec-WebSocket-Accept': 'x' }, 'a wrong accept key'],
    ['does not say Upgrade', { Upgrade: 'h2c' }, 'without Upgrade: websocket'],
    ['agrees to what nobody offered', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 'agreed to'],
  ])('has failed when it %s', async (_, headers, difference) => {
    expect(await verdictOn(TEXT, echo, headers)).toMatchObject({
      kind: 'failed',
      difference: expect.stringContaining(difference),
    })
  })

  it('has failed when it says it compresses and does not inflate', async () => {
    const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    expect(await verdictOn('23.1.1', echo, headers)).toMatchObject({ kind: 'failed' })
  })
})
