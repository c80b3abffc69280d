import { describe, expect, it } from 'vitest'
import { readFrames } from '../src/frames.ts'
import { INVALID_CLIENT_FRAMES, INVALID_SERVER_FRAMES, oversizedMessages } from '../src/invalid-frames.ts'

const TABLES = [
  { sender: 'client', rows: INVALID_CLIENT_FRAMES, other: INVALID_SERVER_FRAMES },
  { sender: 'server', rows: INVALID_SERVER_FRAMES, other: INVALID_CLIENT_FRAMES },
]

describe.each(TABLES)('the table of invalid frames from a $sender', ({ sender, rows, other }) => {
  it('names each row once, and never sends the same bytes twice', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    expect(new Set(rows.map(({ bytes }) => bytes.toString('hex'))).size).toBe(rows.length)
  })

  it('ends each row in 1002, 1007 or 1009', () => {
    expect(new Set(rows.map(({ closeCode }) => closeCode))).toEqual(new Set([1002, 1007, 1009]))
  })

  it('masks where that sender must, but for one row', () => {
    const wronglyMasked = rows.filter(({ bytes }) => bytes[1] >= 0x80 !== (sender === 'client'))
    expect(wronglyMasked).toHaveLength(1)
    expect(wronglyMasked[0].name).toMatch(/masked frame/)
  })

  it('is the same for both senders but for the masks', () => {
    const others = new Set(other.map(({ name }) => name))
    const own = rows.filter(({ name }) => !others.has(name))
    expect(own.map(({ name }) => name)).toEqual([expect.stringContaining(`from a ${sender}`)])
  })

  it('begins the rows as the wire has them', () => {
    const head = (name: string) => rows.find((row) => row.name === name)?.bytes.toString('hex', 0, 2)
    const masked = sender === 'client'
    expect(head('RSV1 without an extension')).toBe(masked ? 'c182' : 'c102')
    expect(head('RSV2 without an extension')).toBe(masked ? 'a182' : 'a102')
    expect(head('RSV3 without an extension')).toBe(masked ? '9182' : '9102')
    expect(head('the reserved opcode 15')).toBe(masked ? '8f80' : '8f00')
    expect(head('a fragmented Ping')).toBe(masked ? '0982' : '0902')
    expect(head('2^63 bytes announced')).toBe(masked ? '82ff' : '827f')
  })
})

describe('messages above a limit', () => {
  it('are one byte too long, whole, announced and in fragments', () => {
    for (const mask of [undefined, false] as const) {
      const [whole, announced, fragmented] = oversizedMessages(1000, mask)
      expect(readFrames(whole.bytes).frames.map(({ payload }) => payload.length)).toEqual([1001])
      expect(announced.bytes.subarray(0, 4).toString('hex')).toBe(mask === false ? '827e03e9' : '82fe03e9')
      expect(readFrames(announced.bytes).frames).toEqual([])
      const fragments = readFrames(fragmented.bytes).frames
      expect(fragments.map(({ fin, payload }) => [fin, payload.length])).toEqual([
        [false, 501],
        [true, 500],
      ])
    }
  })
})
