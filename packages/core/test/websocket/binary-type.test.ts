import { describe, expect, it } from 'vitest'
import { isBinaryType, shapeBinary } from '../../src/websocket/binary-type.ts'

/** A message as the parser gives it: a view in the middle of a chunk. */
const data = Buffer.from('ff0102ff', 'hex').subarray(1, 3)

describe('a binary message', () => {
  it('is given as the Buffer it is', () => {
    expect(shapeBinary(data, 'nodebuffer')).toBe(data)
  })

  it('is given as an ArrayBuffer of exactly its bytes', () => {
    const shaped = shapeBinary(data, 'arraybuffer')
    expect(shaped).toBeInstanceOf(ArrayBuffer)
    expect(Buffer.from(shaped as ArrayBuffer).toString('hex')).toBe('0102')
  })

  it('is given as fragments, of which there is one', () => {
    expect(shapeBinary(data, 'fragments')).toEqual([data])
  })

  it('is given as a Blob of exactly its bytes', async () => {
    const shaped = shapeBinary(data, 'blob')
    expect(shaped).toBeInstanceOf(Blob)
    expect(Buffer.from(await (shaped as Blob).arrayBuffer()).toString('hex')).toBe('0102')
  })

  it.each(['arraybuffer', 'blob'] as const)(
    'as %s does not change with the chunk it came in',
    async (type) => {
      const chunk = Buffer.from('0102', 'hex')
      const shaped = shapeBinary(chunk, type)
      chunk.fill(0xee)
      const bytes = shaped instanceof Blob ? await shaped.arrayBuffer() : (shaped as ArrayBuffer)
      expect(Buffer.from(bytes).toString('hex')).toBe('0102')
    },
  )
})

describe('a binaryType', () => {
  it.each(['nodebuffer', 'arraybuffer', 'fragments', 'blob'])('may be %s', (type) => {
    expect(isBinaryType(type)).toBe(true)
  })

  it.each(['Blob', 'text', '', 'constructor', '__proto__', 'toString', undefined, null, 1, {}])(
    'may not be %s',
    (type) => {
      expect(isBinaryType(type)).toBe(false)
    },
  )
})
