import { describe, expect, it } from 'vitest'
import { Backlog } from '../../src/websocket/backlog.ts'

const KIB = 1024

/** The memory behind buffers, each counted once. */
function memoryOf(parts: Buffer[]): number {
  return [...new Set(parts.map((part) => part.buffer))].reduce((sum, memory) => sum + memory.byteLength, 0)
}

describe('a backlog', () => {
  it('gives back what it was given, in order', () => {
    const backlog = new Backlog()
    const large = Buffer.alloc(100 * KIB, 'b')
    backlog.copy(Buffer.from('aa'))
    backlog.copy(Buffer.from('AA'))
    backlog.append(large)
    backlog.copy(Buffer.from('c'))
    expect(
      Buffer.concat(backlog.take()).equals(Buffer.concat([Buffer.from('aaAA'), large, Buffer.from('c')])),
    ).toBe(true)
  })

  it('is empty when it was taken', () => {
    const backlog = new Backlog()
    backlog.copy(Buffer.from('once'))
    backlog.take()
    expect(backlog.take()).toEqual([])
  })

  it('copies what is copied, and keeps what is appended', () => {
    const backlog = new Backlog()
    const [copied, appended] = [Buffer.from('before'), Buffer.from('before')]
    backlog.copy(copied)
    backlog.append(appended)
    copied.fill('x')
    appended.fill('y')
    expect(backlog.take().map(String)).toEqual(['before', 'yyyyyy'])
  })

  it('costs about its bytes for small frames, in few buffers', () => {
    const backlog = new Backlog()
    for (let count = 0; count < 64 * KIB; count++) backlog.copy(Buffer.from([0x81, 0x01, 0x61, 0x61]))
    const parts = backlog.take()
    expect(Buffer.concat(parts)).toHaveLength(256 * KIB)
    expect(memoryOf(parts)).toBeLessThan(256 * KIB + 17 * KIB)
    expect(parts.length).toBeLessThan(32)
  })

  it('costs little for one small frame', () => {
    const backlog = new Backlog()
    backlog.copy(Buffer.from([0x81, 0x00]))
    expect(memoryOf(backlog.take())).toBe(256)
  })
})
