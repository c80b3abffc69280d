import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Deflater } from '../../driver/deflater.ts'

const TAIL = Buffer.from('0000ffff', 'hex')
const message = Buffer.from('Hello')

describe('compressing', () => {
  it('gives what RFC 7692 §7.2.3 shows, without the tail', () => {
    const deflater = new Deflater({ windowBits: 15, noContextTakeover: false })
    expect(deflater.deflate(message).toString('hex')).toBe('f248cdc9c90700')
    expect(deflater.deflate(message).toString('hex')).toBe('f200110000')
  })

  it('begins each message anew where the window is not kept', () => {
    const deflater = new Deflater({ windowBits: 15, noContextTakeover: true })
    expect([deflater.deflate(message), deflater.deflate(message)].map(String)).toEqual(
      Array(2).fill(String(Buffer.from('f248cdc9c90700', 'hex'))),
    )
  })

  it('gives one byte for an empty message', () => {
    const deflater = new Deflater({ windowBits: 15, noContextTakeover: false })
    expect(deflater.deflate(Buffer.alloc(0)).toString('hex')).toBe('00')
  })

  it('is read by zlib', () => {
    const compressed = new Deflater({ windowBits: 8, noContextTakeover: true }).deflate(
      Buffer.alloc(9000, 'ab'),
    )
    const inflated = inflateRawSync(Buffer.concat([compressed, TAIL]), { finishFlush: 2, windowBits: 8 })
    expect(inflated.equals(Buffer.alloc(9000, 'ab'))).toBe(true)
  })
})
