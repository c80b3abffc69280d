import { describe, expect, it } from 'vitest'
import type { WireFrame } from '../../driver/frame-reader.ts'
import { Inflater } from '../../driver/inflater.ts'
import { MessageReader, type Received } from '../../driver/message-reader.ts'

const wire = (opcode: number, hex: string, { fin = true, rsv = 0 } = {}): WireFrame => ({
  fin,
  rsv,
  opcode,
  payload: Buffer.from(hex, 'hex'),
})

function read(frames: readonly WireFrame[], inflater?: Inflater): Received[] {
  const reader = new MessageReader(inflater)
  return frames.flatMap((frame) => reader.read(frame) ?? [])
}

const inflater = () => new Inflater({ windowBits: 15, noContextTakeover: false })
const text = (payload: string) => ({ kind: 'message', type: 'text', payload: Buffer.from(payload) })

describe('what frames complete', () => {
  it('is a message, when its last fragment is there', () => {
    expect(read([wire(1, '4865', { fin: false }), wire(0, '6c', { fin: false })])).toEqual([])
    expect(read([wire(1, '4865', { fin: false }), wire(0, '79')])).toEqual([text('Hey')])
    expect(read([wire(2, 'ff')])).toEqual([{ kind: 'message', type: 'binary', payload: Buffer.of(0xff) }])
  })

  it('may be a control frame inside an unfinished message', () => {
    const kinds = read([wire(1, '48', { fin: false }), wire(9, ''), wire(10, '61'), wire(0, '79')])
    expect(kinds.map(({ kind }) => kind)).toEqual(['ping', 'pong', 'message'])
  })

  it('is a Close with its code, or 1005 without one', () => {
    expect(read([wire(8, '03e8')])).toEqual([{ kind: 'close', code: 1000 }])
    expect(read([wire(8, '0fa0627965')])).toEqual([{ kind: 'close', code: 4000 }])
    expect(read([wire(8, '')])).toEqual([{ kind: 'close', code: 1005 }])
  })

  it('is inflated where that was agreed, in one frame or in fragments', () => {
    expect(read([wire(1, 'f248cdc9c90700', { rsv: 4 })], inflater())).toEqual([text('Hello')])
    const fragments = [wire(1, 'f248', { rsv: 4, fin: false }), wire(0, 'cdc9c90700')]
    expect(read(fragments, inflater())).toEqual([text('Hello')])
    expect(read([wire(1, '4865')], inflater())).toEqual([text('He')])
  })
})

describe('a message that breaks a rule', () => {
  it.each<[string, WireFrame[], Inflater?]>([
    ['sent a continuation of nothing', [wire(0, '61')]],
    ['began a message inside an unfinished one', [wire(1, '61', { fin: false }), wire(1, '62')]],
    ['sent a text that is not UTF-8', [wire(1, 'ff')]],
    ['sent a text that is not UTF-8', [wire(1, 'c3', { fin: false }), wire(0, '28')]],
    ['sent reserved bits 4 with opcode 1', [wire(1, '61', { rsv: 4 })]],
    ['sent reserved bits 2 with opcode 1', [wire(1, '61', { rsv: 2 })], inflater()],
    ['sent reserved bits 4 with opcode 9', [wire(9, '', { rsv: 4 })], inflater()],
    [
      'sent reserved bits 4 with opcode 0',
      [wire(1, 'f2', { rsv: 4, fin: false }), wire(0, '00', { rsv: 4 })],
      inflater(),
    ],
    ['sent a Close frame with half a code', [wire(8, '03')]],
    ['sent the close code 1005', [wire(8, '03ed')]],
    ['sent the close code 1015', [wire(8, '03f7')]],
    ['sent the close code 5000', [wire(8, '1388')]],
    ['sent a close reason that is not UTF-8', [wire(8, '03e8ff')]],
  ])('is seen: %s', (rule, frames, withInflater) => {
    expect(() => read(frames, withInflater)).toThrow(rule)
  })
})
