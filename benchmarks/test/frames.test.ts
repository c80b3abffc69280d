import { expect, it } from 'vitest'
import { binary, clientFrame, closeFrame, serverFrame } from '../load/frames.ts'

it('masks what a client sends and nothing of what a server sends', () => {
  const payload = Buffer.from('Hello')
  expect(serverFrame(binary, payload).toString('hex')).toBe('820548656c6c6f')
  expect(clientFrame(binary, payload).toString('hex')).toBe('828537fa213d7f9f4d5158')
})

it('closes with code 1000, masked', () => {
  expect(closeFrame.toString('hex')).toBe('888237fa213d3412')
})

it.each([
  [125, '827d'],
  [126, '827e007e'],
  [65_535, '827effff'],
  [65_536, '827f0000000000010000'],
])('writes a length of %i in the shortest form', (length, header) => {
  const frame = serverFrame(binary, Buffer.alloc(length))
  expect(frame.subarray(0, frame.length - length).toString('hex')).toBe(header)
})
