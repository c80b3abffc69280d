import { describe, expect, it } from 'vitest'
import { Sender } from '../../src/ws/sender.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'

const hex = (buffers: Buffer[]) => Buffer.concat(buffers).toString('hex')
const fill = (key: Buffer) => void key.set([1, 2, 3, 4])

describe('Sender.frame', () => {
  it.each([
    ['a text', 'hi', { opcode: 1, fin: true }, '81026869'],
    ['a fragment', Buffer.from('hi'), { opcode: 2, fin: false }, '02026869'],
    ['with RSV1', Buffer.from('hi'), { opcode: 2, fin: true, rsv1: true, readOnly: false }, 'c2026869'],
    ['nothing', '', { opcode: 9, fin: true }, '8900'],
    ['masked', Buffer.alloc(2), { opcode: 2, fin: true, mask: true, generateMask: fill }, '8282010203040102'],
  ])('frames %s', (_what, data, options, frame) => {
    expect(hex(Sender.frame(data, options))).toBe(frame)
  })

  it('masks with a key of its own each time, and leaves the payload as it is', () => {
    const data = Buffer.alloc(4)
    const [one, other] = [1, 2].map(() => hex(Sender.frame(data, { opcode: 2, fin: true, mask: true })))
    expect(one).not.toBe(other)
    expect(data).toEqual(Buffer.alloc(4))
  })
})

describe('a Sender', () => {
  it('writes messages, fragments and control frames to its stream', () => {
    const stream = new BlockableTransport()
    const sender = new Sender(stream)
    sender.send('a', { binary: false, fin: false })
    sender.send('b', { binary: false, fin: true })
    sender.send(Buffer.of(1), { binary: true, fin: true })
    sender.ping('p')
    sender.pong(undefined)
    sender.close(1000, 'bye')
    expect(stream.written.toString('hex')).toBe(
      '010161' + '800162' + '820101' + '890170' + '8a00' + '880503e8627965',
    )
  })

  it('masks where it is told to, by keys of the program', () => {
    const stream = new BlockableTransport()
    new Sender(stream, {}, fill).send(Buffer.alloc(1), { binary: true, fin: true, mask: true })
    expect(stream.written.toString('hex')).toBe('8281' + '01020304' + '01')
  })
})
