import { describe, expect, it, vi } from 'vitest'
import { Fragmented } from '../../src/websocket/fragmented.ts'
import { OutgoingMessage } from '../../src/websocket/outgoing-message.ts'

describe('a message that is unfinished', () => {
  it('has its opcode in the first frame only', () => {
    const fragmented = new Fragmented()
    expect([fragmented.nextOpcode(0x1), fragmented.nextOpcode(0x2)]).toEqual([0x1, 0x0])
    expect(fragmented.isCompressed).toBe(false)
  })

  it('has RSV1 in the first frame only, and is compressed with it (RFC 7692 §6.1)', () => {
    const fragmented = new Fragmented()
    expect([fragmented.nextOpcode(0x42), fragmented.nextOpcode(0x42)]).toEqual([0x42, 0x0])
    expect(fragmented.isCompressed).toBe(true)
  })

  it('holds what waits for its end, in order, and counts it', () => {
    const fragmented = new Fragmented()
    const [first, second] = [10, 5].map((bytes) => ({ bytes, send: vi.fn() }))
    fragmented.put(first)
    fragmented.put(second)
    expect([fragmented.waitingBytes, fragmented.isWaitedFor]).toEqual([15, true])
    expect(fragmented.take()).toEqual([first, second])
    expect([fragmented.waitingBytes, fragmented.isWaitedFor]).toEqual([0, false])
  })

  it('is cut with what waits for it', async () => {
    const message = new OutgoingMessage([], {})
    const fragmented = new Fragmented(message)
    const waiting = { bytes: 1, send: vi.fn(), cut: vi.fn() }
    fragmented.put(waiting)
    fragmented.put({ bytes: 1, send: vi.fn() })
    const reason = new Error('the reason')
    fragmented.cut(reason)
    await expect(message.sent).rejects.toBe(reason)
    expect([waiting.cut.mock.calls, waiting.send.mock.calls]).toEqual([[[reason]], []])
  })
})
