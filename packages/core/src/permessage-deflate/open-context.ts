import { constants, type ZlibOptions } from 'node:zlib'
import type { DeflateContext, InflateContext } from './context.ts'
import { LastingDeflateContext, LastingInflateContext } from './lasting-context.ts'
import type { Compression } from './negotiation.ts'
import { OneShotDeflateContext, OneShotInflateContext } from './one-shot-context.ts'
import { hasSyncStreams } from './sync-stream.ts'

let lasts: boolean | undefined

/** Whether contexts outlast a message on this release of Node; where they do not, each message takes more time. */
export function contextsLast(): boolean {
  lasts ??= hasSyncStreams()
  return lasts
}

export function openDeflateContext(
  { windowBits, contextTakeover }: Compression,
  { level, memLevel }: ZlibOptions,
): DeflateContext {
  const options = { level, memLevel, ...deflateWindow(windowBits) }
  const Context = contextsLast() ? LastingDeflateContext : OneShotDeflateContext
  return new Context(options, contextTakeover)
}

export function openInflateContext({ windowBits, contextTakeover }: Compression): InflateContext {
  const Context = contextsLast() ? LastingInflateContext : OneShotInflateContext
  return new Context({ windowBits }, contextTakeover)
}

/**
 * zlib compresses with no window of 256 bytes and takes 512 instead. With `Z_RLE` it refers to the byte before only, which
 * every window holds.
 */
function deflateWindow(windowBits: number): ZlibOptions {
  return windowBits > 8 ? { windowBits } : { windowBits: 9, strategy: constants.Z_RLE }
}
