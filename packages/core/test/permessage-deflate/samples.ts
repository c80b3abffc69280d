import { constants, deflateRawSync } from 'node:zlib'
import { randomSource } from '../support/random-source.ts'

/** RFC 7692 §7.2.3: what each says is "Hello". */
export const HELLO = Buffer.from('Hello')

export const EVERY_WINDOW_BITS = [8, 9, 10, 11, 12, 13, 14, 15]

export const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** Messages of kinds that compress differently, the same for the same seed: JSON, noise, repetition, one byte, none. */
export function sampleMessages(seed: number): Buffer[] {
  const random = randomSource(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const noise = Buffer.from(Array.from({ length: 3000 }, () => below(256)))
  const row = () => ({
    id: below(1e6),
    name: `user-${below(1e4)}`,
    price: below(1e4) / 100,
    active: below(2) === 1,
  })
  const json = (rows: number) => Buffer.from(JSON.stringify(Array.from({ length: rows }, row)))
  // Repeats at distances on both sides of every window.
  const echoes = Array.from({ length: 24 }, () => noise.subarray(below(1000), 1000 + below(2000)))
  return [
    json(12),
    json(13),
    Buffer.alloc(0),
    noise,
    Buffer.concat(echoes),
    Buffer.alloc(70_000, 'abcdefgh'),
    json(1500),
    Buffer.of(0),
    json(12),
  ]
}

/** What inflates to `mebibytes` of zeros, in a thousandth of their size. */
export function bomb(mebibytes: number): Buffer {
  const mebibyte = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_FULL_FLUSH, level: 9 })
  return Buffer.alloc(mebibyte.length * mebibytes, mebibyte)
}
