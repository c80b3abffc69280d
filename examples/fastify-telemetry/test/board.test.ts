import { describe, expect, it, vi } from 'vitest'
import { Board } from '../src/board.ts'
import { Viewer } from '../src/viewer.ts'

const BOILER = { id: 'boiler', name: 'Boiler', unit: '°C' }
const ADA = { id: 'ada', name: 'Ada' }

function watcher(person = ADA) {
  const received: Record<string, unknown>[] = []
  const send = (text: string) => received.push(JSON.parse(text)) > 0
  const close = vi.fn()
  return { received, close, viewer: new Viewer(person, { send, close }) }
}

describe('Board', () => {
  it('shows a new viewer who it is and what was measured last, device by device', () => {
    const board = new Board()
    board.record({ ...BOILER, id: 'pump', name: 'Pump' }, 3, 1000)
    board.record(BOILER, 61, 2000)
    board.record(BOILER, 62, 3000)
    const { received, viewer } = watcher()
    board.join(viewer)
    expect(received).toEqual([
      {
        type: 'welcome',
        you: ADA,
        now: expect.any(Number),
        series: [
          {
            device: BOILER,
            readings: [
              [2000, 61],
              [3000, 62],
            ],
          },
          { device: { id: 'pump', name: 'Pump', unit: '°C' }, readings: [[1000, 3]] },
        ],
      },
    ])
  })

  it('shows each measurement to everybody who is there', () => {
    const board = new Board()
    const [ada, grace] = [watcher(), watcher()]
    board.join(ada.viewer)
    board.join(grace.viewer)
    board.leave(grace.viewer)
    board.record(BOILER, 61, 1000)
    expect(ada.received[1]).toEqual({ type: 'reading', device: BOILER, reading: [1000, 61] })
    expect(grace.received).toHaveLength(1)
  })

  it('takes what a device is from its latest token', () => {
    const board = new Board()
    board.record(BOILER, 61, 1000)
    board.record({ ...BOILER, name: 'Old boiler' }, 62, 2000)
    expect(board.series).toMatchObject([
      {
        device: { name: 'Old boiler' },
        readings: [
          [1000, 61],
          [2000, 62],
        ],
      },
    ])
  })

  it('keeps the last 240 readings of a device', () => {
    const board = new Board()
    for (let at = 0; at < 300; at += 1) board.record(BOILER, at, at)
    const [{ readings }] = board.series
    expect([readings.length, readings[0], readings.at(-1)]).toEqual([240, [60, 60], [299, 299]])
  })

  it('forgets the device that has been silent for longest when there are more than 100', () => {
    const board = new Board()
    for (let number = 0; number < 100; number += 1) board.record({ ...BOILER, id: `${number}` }, 1)
    board.record({ ...BOILER, id: '0' }, 2)
    board.record({ ...BOILER, id: 'new' }, 1)
    const ids = board.series.map(({ device }) => device.id)
    expect([ids.length, ids.includes('0'), ids.includes('1'), ids.includes('new')]).toEqual([
      100,
      true,
      false,
      true,
    ])
  })

  it('ends every connection of a person, and of nobody else', () => {
    const board = new Board()
    const [one, two, other] = [watcher(), watcher(), watcher({ id: 'grace', name: 'Grace' })]
    for (const { viewer } of [one, two, other]) board.join(viewer)
    board.dismiss(ADA)
    expect([one, two, other].map(({ close }) => close.mock.calls)).toEqual([
      [[4401, 'Signed out']],
      [[4401, 'Signed out']],
      [],
    ])
  })
})
