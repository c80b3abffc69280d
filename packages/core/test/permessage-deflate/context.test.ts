import { constants, deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { TAIL } from '../../src/permessage-deflate/context.ts'

it('knows the tail that zlib ends flushed output with, of every level', () => {
  for (let level = 0; level <= 9; level++) {
    const flushed = deflateRawSync('Hello', { level, finishFlush: constants.Z_SYNC_FLUSH })
    expect(flushed.subarray(-4)).toEqual(TAIL)
  }
})
