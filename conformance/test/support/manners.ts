import type { Duplex } from 'node:stream'
import { close, type FrameOptions, frame, readFrames, type WireFrame } from '@upwire/testkit'

const PING = 0x9
const PONG = 0xa
const CLOSE = 0x8

/** What an endpoint without an engine does with each frame that arrives. */
export type OnFrame = (received: WireFrame, stream: Duplex) => void

/** Sends messages and Pings back and answers a Close. It checks nothing, and knows no fragments. */
export function echoing(options: () => FrameOptions): OnFrame {
  return ({ opcode, payload }, stream) => {
    stream.write(frame(opcode === PING ? PONG : opcode, payload, options()))
    if (opcode === CLOSE) stream.end()
  }
}

/** Fails the connection at whatever comes. */
export function failing(code: number, options: () => FrameOptions): OnFrame {
  return (_, stream) => {
    stream.write(close(code, '', options()))
    stream.end()
  }
}

/** Reads frames off a stream for as long as it has any. */
export function handleFrames(stream: Duplex, onFrame: OnFrame): void {
  let bytes: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk) => {
    const { frames, rest } = readFrames(Buffer.concat([bytes, chunk]))
    bytes = rest
    for (const each of frames) if (!stream.writableEnded) onFrame(each, stream)
  })
  stream.on('error', () => {})
  stream.on('end', () => stream.end())
}
