import { describe } from 'vitest'
import { LastingDeflateContext, LastingInflateContext } from '../../src/permessage-deflate/lasting-context.ts'
import { describeDeflating, describeInflating } from './context-contract.ts'

describe('a lasting compressor', () => {
  describeDeflating(LastingDeflateContext)
})

describe('a lasting decompressor', () => {
  describeInflating(LastingInflateContext)
})
