import { setImmediate as turn } from 'node:timers/promises'
import { duplexPair } from '@upwire/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Deflater } from '../../driver/deflater.ts'
import { Peer } from '../../driver/peer.ts'
import { framesOf, play } from '../../driver/play.ts'
import { text } from '../../vocabulary/frame.ts'
import { echoes } from '../../vocabulary/outcome.ts'
import { awaitEvents, awaitFailure, roundTrips, type Step, send, sendChopped } from '../../vocabulary/step.ts'
import { echoing, handleFrames, type OnFrame } from '../support/manners.ts'

const unmasked = () => ({ mask: false }) as const
const exchange = { corpus: 'json', type: 'text', messageBytes: 20, count: 3 } as const

async function eventsOf(
  steps: readonly Step[],
  onFrame: OnFrame = echoing(unmasked),
): Promise<Peer['events']> {
  const [near, far] = duplexPair()
  handleFrames(far, onFrame)
  const peer = new Peer({ stream: near, role: 'client', rest: Buffer.alloc(0) })
  await play(steps, peer)
  far.destroy()
  return peer.events
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a step', () => {
  it.each(['at once', 'frame by frame', 1] as const)('sends its frames %s', async (chop) => {
    const events = await eventsOf([sendChopped(chop, text('a'), text('b')), awaitEvents(2)])
    expect(events).toMatchObject([{ payload: Buffer.from('a') }, { payload: Buffer.from('b') }])
  })

  it('goes on when the endpoint has failed the connection', async () => {
    expect(await eventsOf([send(text('a')), awaitFailure], (_, stream) => stream.end())).toEqual([])
  })

  it('keeps a silence where it does not fail the connection at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const played = eventsOf([send(text('a')), awaitFailure])
    for (const _ of ['sent', 'echoed']) await turn()
    await vi.advanceTimersByTimeAsync(3_000)
    const events = await played
    expect(events.map(({ kind }) => kind)).toEqual(['message', 'silence'])
  })
})

describe('round trips', () => {
  it('are one event for all that went well', async () => {
    expect(await eventsOf([roundTrips(exchange)])).toEqual([echoes(3)])
  })

  it('end at the first answer that is another', async () => {
    let count = 0
    const events = await eventsOf([roundTrips(exchange)], (received, stream) => {
      count += 1
      echoing(unmasked)(count === 2 ? { ...received, payload: Buffer.from('?') } : received, stream)
    })
    expect(events).toMatchObject([echoes(1), { kind: 'message', payload: Buffer.from('?') }])
  })

  it('end with the connection', async () => {
    expect(await eventsOf([roundTrips(exchange)], (_, stream) => stream.end())).toEqual([echoes(0)])
  })
})

describe('a message', () => {
  const parts = (bytes: number, fragmentBytes?: number) =>
    framesOf('text', Buffer.alloc(bytes, 'a'), { fragmentBytes, deflater: undefined }).map(
      ({ payload, fin }) => `${String(payload)}${fin ? '.' : ''}`,
    )

  it('is one frame, or fragments of which the last is never full', () => {
    expect(parts(3)).toEqual(['aaa.'])
    expect(parts(0)).toEqual(['.'])
    expect(parts(3, 2)).toEqual(['aa', 'a.'])
    expect(parts(4, 2)).toEqual(['aa', 'aa', '.'])
  })

  it('is compressed as a whole, and has RSV1 on its first frame', () => {
    const deflater = new Deflater({ windowBits: 15, noContextTakeover: true })
    const frames = framesOf('text', Buffer.from('Hello'), { fragmentBytes: 4, deflater })
    expect(frames.map(({ payload, rsv }) => [Buffer.from(payload as Buffer).toString('hex'), rsv])).toEqual([
      ['f248cdc9', 4],
      ['c90700', undefined],
    ])
  })
})
