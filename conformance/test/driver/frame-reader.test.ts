import { binary, close, frame, ping, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { FrameReader, type WireFrame } from '../../driver/frame-reader.ts'
import type { Role } from '../../vocabulary/role.ts'

const unmasked = { mask: false } as const

function read(sender: Role, ...chunks: Buffer[]): WireFrame[] {
  const reader = new FrameReader(sender)
  const frames: WireFrame[] = []
  for (const chunk of chunks) reader.push(chunk, (each) => frames.push(each))
  return frames
}

/** In two chunks, cut at every byte. */
function cuts(bytes: Buffer): [Buffer, Buffer][] {
  return [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)])
}

describe.each<[Role, { mask?: false }]>([
  ['server', unmasked],
  ['client', {}],
])('frames of a %s', (sender, options) => {
  const bytes = Buffer.concat([
    text('Hello', { ...options, fin: false }),
    ping('', { ...options, ...(sender === 'client' && { mask: Buffer.from('01020304', 'hex') }) }),
    binary(Buffer.alloc(300, 7), options),
  ])
  const frames = [
    { fin: false, rsv: 0, opcode: 1, payload: Buffer.from('Hello') },
    { fin: true, rsv: 0, opcode: 9, payload: Buffer.alloc(0) },
    { fin: true, rsv: 0, opcode: 2, payload: Buffer.alloc(300, 7) },
  ]

  it('are read from one chunk', () => {
    expect(read(sender, bytes)).toEqual(frames)
  })

  it('are read however they are cut', () => {
    for (const [head, tail] of cuts(bytes)) expect(read(sender, head, tail)).toEqual(frames)
  })

  it('are read octet by octet', () => {
    expect(read(sender, ...[...bytes].map((octet) => Buffer.of(octet)))).toEqual(frames)
  })
})

describe('a frame that breaks a rule', () => {
  it.each<[string, Role, Buffer[]]>([
    ['sent a masked frame as a server', 'server', [text('a')]],
    ['sent an unmasked frame as a client', 'client', [text('a', unmasked)]],
    ['masked two frames in a row with the same key', 'client', [text('a'), text('b')]],
    ['sent the reserved opcode 3', 'server', [frame(3, '', unmasked)]],
    ['sent a control frame that is fragmented', 'server', [ping('', { ...unmasked, fin: false })]],
    ['longer than 125 bytes', 'server', [close(1000, 'x'.repeat(124), unmasked)]],
    ['in more bytes than it needs', 'server', [text('a', { ...unmasked, lengthBytes: 2 })]],
    ['in more bytes than it needs', 'server', [text('a'.repeat(126), { ...unmasked, lengthBytes: 8 })]],
    [
      'announced a frame of 9007199254740993 bytes',
      'server',
      [text('', { ...unmasked, length: 2n ** 53n + 1n, lengthBytes: 8 })],
    ],
  ])('is seen: %s', (rule, sender, chunks) => {
    expect(() => read(sender, ...chunks)).toThrow(rule)
  })
})
