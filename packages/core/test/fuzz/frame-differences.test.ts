import { binary, close, continuation, frame, MASKING_KEY, ping, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { FRAME_DIFFERENCES } from '../../fuzz/beside-ws/frame-differences.ts'
import { playOurs, playWs } from '../../fuzz/beside-ws/play-frames.ts'
import { readFrameInput } from '../../fuzz/frame-input.ts'

const SERVER = 0
const COMPRESSED = 2
const TIGHT = 8
const WHOLE = 1
const fin = false

/** A stream for each of the known differences, in the order of the table. */
const EXAMPLES: readonly (readonly [setup: number, stream: Buffer])[] = [
  [SERVER, binary(Buffer.alloc(5), { lengthBytes: 2 })],
  [SERVER, binary(Buffer.alloc(0), { length: 1n << 63n })],
  [SERVER, Buffer.concat([text(Buffer.of(0xff), { fin }), ping('a')])],
  [TIGHT, Buffer.concat([text('a', { fin }), ping(), ping(), ping(), ping(), continuation('b')])],
  [TIGHT, binary(Buffer.alloc(0), { length: 201 }).subarray(0, 4)],
  [SERVER, frame(0x8, Buffer.of(3)).subarray(0, 3)],
  [COMPRESSED, frame(0x9, '', { rsv: 4, fin })],
  [COMPRESSED, frame(0x1, Buffer.of(0xff, 0xff, 0xff), { rsv: 4, fin })],
  [COMPRESSED, frame(0x1, Buffer.from('f348cdc9c9070000f248cdc9c90700', 'hex'), { rsv: 4 })],
]

async function explanations(setup: number, stream: Buffer): Promise<string[]> {
  const input = readFrameInput(Buffer.concat([Buffer.of(setup, WHOLE), stream]))
  const [ours, ws] = [playOurs(input), await playWs(input)]
  expect([...ours.events, ours.error]).not.toEqual([...ws.events, ws.error])
  return FRAME_DIFFERENCES.filter((row) => row.explains(ours, ws, input)).map(({ reason }) => reason)
}

describe('a known difference between ws and us', () => {
  it.each(FRAME_DIFFERENCES.map(({ reason }, index) => [reason, index] as const))(
    'is one: %s',
    async (reason, index) => {
      expect(await explanations(...EXAMPLES[index])).toContain(reason)
    },
  )

  it('is not needed where both say the same', async () => {
    const stream = Buffer.concat([text('a', { mask: MASKING_KEY }), ping('b'), close(1000, 'c')])
    const input = readFrameInput(Buffer.concat([Buffer.of(SERVER, WHOLE), stream]))
    const [ours, ws] = [playOurs(input), await playWs(input)]
    expect(ours.events).toEqual(['text:a', 'ping:62', 'close:1000 c'])
    expect(ws).toEqual({ events: ours.events, error: ours.error })
  })

  it('explains no lost message and no other close code', () => {
    const input = readFrameInput(Buffer.of(SERVER, WHOLE))
    const explained = (ours: string[], ws: string[], error?: string, wsError?: string) =>
      FRAME_DIFFERENCES.some((row) =>
        row.explains(
          { events: ours, error, finalBlockAfter: undefined, isUnfinished: false },
          { events: ws, error: wsError },
          input,
        ),
      )
    expect(explained(['text:a'], [])).toBe(false)
    expect(explained([], ['text:a'])).toBe(false)
    expect(explained([], ['text:a'], 'WS_ERR_INVALID_UTF8')).toBe(false)
    expect(explained(['text:a'], [], 'WS_ERR_INVALID_OPCODE', 'WS_ERR_INVALID_OPCODE')).toBe(false)
    expect(explained([], [], 'WS_ERR_INVALID_OPCODE', 'WS_ERR_INVALID_UTF8')).toBe(false)
  })
})
