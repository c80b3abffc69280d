import { describe } from 'vitest'
import {
  OneShotDeflateContext,
  OneShotInflateContext,
} from '../../src/permessage-deflate/one-shot-context.ts'
import { describeDeflating, describeInflating } from './context-contract.ts'

describe('a compressor for each message', () => {
  describeDeflating(OneShotDeflateContext)
})

describe('a decompressor for each message', () => {
  describeInflating(OneShotInflateContext)
})
