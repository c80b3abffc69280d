import { describe, expect, it } from 'vitest'
import { codecFor } from '../../src/permessage-deflate/codec.ts'
import type { Agreement } from '../../src/permessage-deflate/negotiation.ts'
import { resolvePerMessageDeflate } from '../../src/permessage-deflate/options.ts'
import { formatParameters } from '../../src/permessage-deflate/parameters.ts'

const settings = resolvePerMessageDeflate({ memory: 'per-connection', threshold: 7 })!

function agreement(outgoing: boolean, incoming: boolean): Agreement {
  const parameters = {
    serverNoContextTakeover: !outgoing,
    clientNoContextTakeover: !incoming,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  }
  return {
    outgoing: { windowBits: 15, contextTakeover: outgoing },
    incoming: { windowBits: 15, contextTakeover: incoming },
    response: formatParameters(parameters),
  }
}

describe('the codec of a connection', () => {
  it('compresses as this end does, and decompresses as the peer does', () => {
    const { deflater, inflater } = codecFor(agreement(false, false), settings)
    const payload = Buffer.from('Hello, hello')
    expect(inflater.inflate(deflater.deflate(payload), 100)).toEqual(payload)
    expect(deflater.threshold).toBe(7)
  })

  it.each([
    [true, false],
    [false, true],
    [false, false],
  ])('shares what takes no context over: outgoing %s, incoming %s', (outgoing, incoming) => {
    const [one, other] = [1, 2].map(() => codecFor(agreement(outgoing, incoming), settings))
    expect([one.deflater !== other.deflater, one.inflater !== other.inflater]).toEqual([outgoing, incoming])
  })
})
