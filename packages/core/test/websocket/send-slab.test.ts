import { describe, expect, it } from 'vitest'
import { MAX_COPIED_BYTES, SendSlab, type SlabWriter } from '../../src/websocket/send-slab.ts'

const SLAB_BYTES = 64 * 1024

/** A writer that keeps the parts it is given. */
class Writer implements SlabWriter {
  readonly parts: string[] = []

  takePart(part: Buffer): void {
    this.parts.push(part.toString())
  }
}

function write(slab: SendSlab, writer: SlabWriter, text: string): number {
  const start = slab.open(writer, text.length)
  slab.bytes.write(text, start, 'latin1')
  slab.commit(start + text.length)
  return start
}

describe('a slab', () => {
  it('gives a writer everything it wrote as one region', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'one ')
    write(slab, writer, 'after the other')
    expect(slab.seal(writer)?.toString()).toBe('one after the other')
    expect(writer.parts).toEqual([])
  })

  it('gives a writer its region when another one wants to write', () => {
    const slab = new SendSlab()
    const [first, second] = [new Writer(), new Writer()]
    write(slab, first, 'a')
    write(slab, second, 'b')
    write(slab, first, 'c')
    expect([first.parts, second.parts]).toEqual([['a'], ['b']])
    expect(slab.seal(second)).toBeUndefined()
    expect(slab.seal(first)?.toString()).toBe('c')
  })

  it('has no region for a writer that wrote nothing', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    expect(slab.seal(writer)).toBeUndefined()
    slab.open(writer, 10)
    expect(slab.seal(writer)).toBeUndefined()
  })

  it('never writes to a region again that it has given away', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'kept')
    const region = slab.seal(writer)
    for (let count = 0; count < 100; count++) write(slab, count % 2 ? writer : new Writer(), 'x'.repeat(5000))
    expect(region?.toString()).toBe('kept')
  })

  it('begins a new slab where a frame does not fit any more, and gives away what was written', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'a'.repeat(SLAB_BYTES - 10))
    const full = slab.bytes
    expect(write(slab, writer, 'b'.repeat(11))).toBe(0)
    expect(slab.bytes).not.toBe(full)
    expect(writer.parts.map(({ length }) => length)).toEqual([SLAB_BYTES - 10])
    expect(slab.seal(writer)?.toString()).toBe('b'.repeat(11))
  })

  it('fills a slab to its last byte', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'a'.repeat(SLAB_BYTES - 10))
    write(slab, writer, 'b'.repeat(10))
    expect(writer.parts).toEqual([])
    expect(slab.seal(writer)).toHaveLength(SLAB_BYTES)
  })

  it('has room for several frames that are worth copying', () => {
    expect(MAX_COPIED_BYTES * 3).toBeLessThan(SLAB_BYTES)
  })
})

describe('a region that nobody reads any more', () => {
  it('is written again where it is the last one', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'first')
    slab.seal(writer)
    write(slab, writer, 'second')
    slab.reuse(slab.seal(writer) as Buffer)
    expect(write(slab, writer, 'third')).toBe('first'.length)
    expect(slab.seal(writer)?.toString()).toBe('third')
  })

  it('is not written again where another one lies behind it', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'first')
    const first = slab.seal(writer) as Buffer
    write(slab, writer, 'second')
    const second = slab.seal(writer) as Buffer
    slab.reuse(first)
    write(slab, writer, 'third, which is longer')
    expect(second.toString()).toBe('second')
  })

  it('is not written again while somebody writes behind it', () => {
    const slab = new SendSlab()
    const [first, second] = [new Writer(), new Writer()]
    write(slab, first, 'first')
    const region = slab.seal(first) as Buffer
    slab.open(second, 10)
    slab.reuse(region)
    write(slab, second, 'second')
    expect(slab.seal(second)?.toString()).toBe('second')
  })

  it('is left alone where it is of another slab', () => {
    const slab = new SendSlab()
    const writer = new Writer()
    write(slab, writer, 'here')
    const here = slab.seal(writer)
    slab.reuse(Buffer.allocUnsafeSlow(4))
    write(slab, writer, 'there')
    expect(here?.toString()).toBe('here')
  })
})
