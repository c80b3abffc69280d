import { constants, inflateRawSync } from 'node:zlib'
import { readFrames } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Sender } from '../../src/ws/sender.ts'
import { agreedDeflate } from '../support/agreed-deflate.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { turns } from '../support/turns.ts'

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

  it('refuses a Ping of more than 125 bytes', () => {
    const sender = new Sender(new BlockableTransport())
    expect(() => sender.ping('x'.repeat(126))).toThrow(RangeError)
  })
})

describe('a Sender with compression', () => {
  function compressing(options?: Parameters<typeof agreedDeflate>[0]) {
    const { client: deflate } = agreedDeflate(options)
    onTestFinished(() => deflate.cleanup())
    const stream = new BlockableTransport()
    return { stream, sender: new Sender(stream, { 'permessage-deflate': deflate }) }
  }

  it('compresses where it is told to, after the messages before (RFC 7692 §7.2.3.2)', () => {
    const { stream, sender } = compressing()
    sender.send('Hello', { fin: true, compress: true })
    sender.send('Hello', { fin: true, compress: true })
    sender.send('Hello', { fin: true })
    expect(stream.written.toString('hex')).toBe('c107f248cdc9c90700' + 'c105f200110000' + '810548656c6c6f')
  })

  it('says so in the first fragment, and compresses all of them', () => {
    const { stream, sender } = compressing()
    sender.send('Hel', { fin: false, compress: true })
    sender.send('lo', { fin: true })
    const [first, last] = readFrames(stream.written).frames
    expect([first.rsv, first.opcode, last.rsv, last.opcode]).toEqual([4, 1, 0, 0])
    const whole = Buffer.concat([first.payload, last.payload, Buffer.from('0000ffff', 'hex')])
    const flush = { finishFlush: constants.Z_SYNC_FLUSH }
    expect(String(inflateRawSync(whole, flush))).toBe('Hello')
  })

  it('leaves short messages as they are, where no context is taken over', () => {
    const { stream, sender } = compressing({ clientNoContextTakeover: true, threshold: 3 })
    sender.send('ab', { fin: true, compress: true })
    sender.send('abc', { fin: true, compress: true })
    const { frames } = readFrames(stream.written)
    expect(frames.map(({ rsv }) => rsv)).toEqual([0, 4])
  })
})

describe('a Sender that is given a Blob', () => {
  it('sends everything in the order in which it was given', async () => {
    const stream = new BlockableTransport()
    const sender = new Sender(stream)
    const done: string[] = []
    sender.send(new Blob(['blob']), { binary: true, fin: true }, () => done.push('blob'))
    const bytes = Buffer.from('text')
    sender.send(bytes, { fin: true }, () => done.push('text'))
    bytes.fill('!')
    sender.ping(new Blob(['p']))
    sender.close(1000, '')
    expect(stream.written).toHaveLength(0)
    await turns(10)
    expect(stream.written.toString('hex')).toBe('8204626c6f62' + '810474657874' + '890170' + '880203e8')
    expect(done).toEqual(['blob', 'text'])
  })

  it('tells the callbacks where it cannot be read, and sends nothing that came behind it', async () => {
    const stream = new BlockableTransport()
    const sender = new Sender(stream)
    const error = new Error('not readable')
    const blob = Object.assign(new Blob(['a']), { arrayBuffer: () => Promise.reject(error) })
    const told: unknown[] = []
    sender.send(blob, { fin: true }, (error) => told.push(error))
    sender.pong('a', false, (error) => told.push(error))
    await turns(10)
    expect([told, stream.written.length]).toEqual([[error, error], 0])
  })
})
