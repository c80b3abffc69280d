import { readFrames } from '@upwire/testkit'
import { BlockableTransport } from './blockable-transport.ts'
import { open, type PairOptions } from './open-pair.ts'

/** What `send()` calls enough. */
export const HIGH_WATER_MARK = new BlockableTransport().writableHighWaterMark

/** A WebSocket on a stream that can be blocked. */
export function openBlockable(options: PairOptions = {}) {
  const transport = new BlockableTransport()
  return {
    ...open(transport, options),
    transport,
    /** The frames written so far, as `first byte:payload`. */
    frames: () =>
      readFrames(transport.written).frames.map(
        ({ fin, opcode, payload }) => `${((fin ? 0x80 : 0) | opcode).toString(16)}:${payload}`,
      ),
  }
}
