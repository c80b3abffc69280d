import { describe, expect, it, vi } from 'vitest'
import { Publication } from '../../src/topics/publication.ts'

/** A compressor whose output can be told: the length of what it was given. */
function compressor(threshold = 0) {
  return { threshold, deflate: vi.fn((payload: Uint8Array) => Buffer.of(payload.length)) }
}

describe('a publication', () => {
  it('is a text frame for a string and a binary frame for bytes', () => {
    expect(new Publication('hi').frameFor(undefined).toString('hex')).toBe('81026869')
    expect(new Publication(Buffer.from('hi')).frameFor(undefined).toString('hex')).toBe('82026869')
    expect(new Publication(new Uint16Array([0x6968])).bytes).toBe(2)
  })

  it('is framed once', () => {
    const publication = new Publication('hi')
    expect(publication.frameFor(undefined)).toBe(publication.frameFor(undefined))
  })

  it('is compressed once for each compressor, with RSV1 set', () => {
    const publication = new Publication('hello')
    const [first, second] = [compressor(), compressor()]
    expect(publication.frameFor(first).toString('hex')).toBe('c10105')
    expect(publication.frameFor(first)).toBe(publication.frameFor(first))
    publication.frameFor(second)
    expect([first.deflate.mock.calls.length, second.deflate.mock.calls.length]).toEqual([1, 1])
  })

  it('is plain below the threshold of a compressor', () => {
    const publication = new Publication('hello')
    expect(publication.frameFor(compressor(6))).toBe(publication.frameFor(undefined))
    expect(publication.frameFor(compressor(5)).toString('hex')).toBe('c10105')
  })
})
