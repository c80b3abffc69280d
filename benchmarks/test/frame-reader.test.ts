import { describe, expect, it } from 'vitest'
import { FrameReader } from '../load/frame-reader.ts'

describe('FrameReader', () => {
  it.each([
    ['8100', '81:'],
    ['8102686f', '81:686f'],
    ['8182010203046768', '81:666a'],
    [`c27e0080${'00'.repeat(128)}`, `c2:${'00'.repeat(128)}`],
  ])('reads %s, cut anywhere', (frame, expected) => {
    const bytes = Buffer.from(frame, 'hex')
    for (let at = 0; at <= bytes.length; at++) {
      expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual([expected])
    }
  })

  it('reads a length of 64 bits', () => {
    const bytes = Buffer.concat([Buffer.from('827f0000000000010000', 'hex'), Buffer.alloc(65_536)])
    expect(read(bytes)[0]).toHaveLength('82:'.length + 2 * 65_536)
  })

  it('reads several frames of one part, and keeps the beginning of the next', () => {
    const parts = ['8101618101', '62'].map((hex) => Buffer.from(hex, 'hex'))
    expect(read(...parts)).toEqual(['81:61', '81:62'])
  })
})

function read(...parts: Buffer[]): string[] {
  const reader = new FrameReader()
  const frames: string[] = []
  for (const part of parts) {
    reader.push(part, (first, payload) => {
      frames.push(`${first.toString(16)}:${payload.toString('hex')}`)
    })
  }
  return frames
}
