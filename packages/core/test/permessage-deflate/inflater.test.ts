import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Deflater } from '../../src/permessage-deflate/deflater.ts'
import { Inflater, inflaterFor } from '../../src/permessage-deflate/inflater.ts'
import { openInflateContext } from '../../src/permessage-deflate/open-context.ts'
import { PROTOCOL_ERRORS } from '../../src/protocol/protocol-error.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { heldBytes } from '../support/held-bytes.ts'
import { bomb, bytes, EVERY_WINDOW_BITS, HELLO, sampleMessages } from './samples.ts'
import { wsPerMessageDeflate, wsRun } from './ws-deflate.ts'

vi.mock('../../src/permessage-deflate/open-context.ts', { spy: true })
afterEach(() => {
  vi.mocked(openInflateContext).mockClear()
})

const SEED = 0x7692_0007
const KIB = 1024
const MIB = KIB * KIB
const TAKEOVER = { windowBits: 15, contextTakeover: true }
const NO_TAKEOVER = { windowBits: 15, contextTakeover: false }
const BOTH = [TAKEOVER, NO_TAKEOVER]
const HELLO_BLOCK = bytes('f2 48 cd c9 c9 07 00')
const SETTINGS = { threshold: 0, level: 6, memLevel: 8 }

/** A message inflated from parts. */
function inflateParts(inflater: Inflater, parts: readonly Buffer[], maxBytes = MIB): Buffer {
  const message = inflater.begin(maxBytes)
  const text = parts.map((part) => {
    message.put(part)
    return message.takeAll()
  })
  message.end()
  return Buffer.concat([...text, message.takeAll()])
}

describe('an inflater', () => {
  it.each([
    ['7.2.3.1: one block', 'f2 48 cd c9 c9 07 00'],
    ['7.2.3.3: no compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['7.2.3.4: a final block', 'f3 48 cd c9 c9 07 00 00'],
    ['7.2.3.5: two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
    ['7.2.3.6: an empty block at the end', 'f2 48 cd c9 c9 07 00 00 00 ff ff 00'],
  ])('inflates RFC 7692 §%s, whole and cut at every byte', (_, payload) => {
    for (const compression of BOTH) {
      const inflater = new Inflater(compression)
      expect(inflater.inflate(bytes(payload), 5)).toEqual(HELLO)
      expect(atEveryCut(bytes(payload), (parts) => inflateParts(inflater, parts))).toEqual(HELLO)
    }
  })

  it('RFC 7692 §7.2.3.2: takes the window over, whole and cut at every byte', () => {
    const inflater = new Inflater(TAKEOVER)
    const second = bytes('f2 00 11 00 00')
    expect(inflater.inflate(HELLO_BLOCK, 5)).toEqual(HELLO)
    expect(inflater.inflate(second, 5)).toEqual(HELLO)
    expect(atEveryCut(second, (parts) => inflateParts(inflater, parts))).toEqual(HELLO)
  })

  it.each(BOTH)('inflates an empty message, with %o', (compression) => {
    expect(new Inflater(compression).inflate(bytes('00'), 0)).toHaveLength(0)
    expect(inflateParts(new Inflater(compression), [bytes('00')])).toHaveLength(0)
    expect(inflateParts(new Inflater(compression), [])).toHaveLength(0)
  })

  it.each(EVERY_WINDOW_BITS.flatMap((bits) => [true, false].map((takeover) => [bits, takeover] as const)))(
    'reads what ws sends with a window of %d bits, with context takeover: %s',
    async (windowBits, contextTakeover) => {
      const ws = wsPerMessageDeflate({ isServer: true })
      ws.params = { server_max_window_bits: windowBits, server_no_context_takeover: !contextTakeover }
      // zlib takes 512 bytes for a window of 256, and so does ws.
      const inflater = new Inflater({ windowBits: Math.max(9, windowBits), contextTakeover })
      for (const message of sampleMessages(SEED).filter(({ length }) => length > 0)) {
        const payload = await wsRun(ws, 'compress', message)
        expect(inflater.inflate(payload, message.length).equals(message)).toBe(true)
      }
      ws.cleanup()
      inflater.close()
    },
  )

  it.each(BOTH)('reads what ws sends in fragments, with %o', async (compression) => {
    const ws = wsPerMessageDeflate({ isServer: true })
    ws.params = { server_no_context_takeover: !compression.contextTakeover }
    const inflater = new Inflater(compression)
    for (const message of sampleMessages(SEED).slice(0, 2)) {
      const fragments = [
        await wsRun(ws, 'compress', message.subarray(0, 100), false),
        await wsRun(ws, 'compress', message.subarray(100)),
      ]
      expect(inflateParts(inflater, fragments)).toEqual(message)
      expect(fragments[0].subarray(-4)).toEqual(bytes('00 00 ff ff'))
    }
    ws.cleanup()
  })

  it('makes its context with the first message', () => {
    const inflater = new Inflater(TAKEOVER)
    inflater.close()
    expect(openInflateContext).not.toHaveBeenCalled()
    inflater.inflate(HELLO_BLOCK, KIB)
    inflateParts(inflater, [HELLO_BLOCK])
    inflater.inflate(HELLO_BLOCK, KIB)
    expect(openInflateContext).toHaveBeenCalledOnce()
  })

  it('holds less than 1 KiB for a connection that has received nothing', () => {
    const count = 1000
    const before = heldBytes()
    const inflaters = Array.from({ length: count }, () => new Inflater(TAKEOVER))
    expect((heldBytes() - before) / count).toBeLessThan(KIB)
    expect(inflaters).toHaveLength(count)
  })

  it('frees its context when it is closed, once', () => {
    const inflater = new Inflater(TAKEOVER)
    inflater.inflate(HELLO_BLOCK, KIB)
    const [{ value: context }] = vi.mocked(openInflateContext).mock.results
    const close = vi.spyOn(context, 'close')
    inflater.close()
    inflater.close()
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('inflaterFor', () => {
  it('gives connections without context takeover one inflater, for windows of any size', () => {
    const inflater = inflaterFor(NO_TAKEOVER)
    for (const windowBits of EVERY_WINDOW_BITS) {
      const compression = { windowBits, contextTakeover: false }
      expect(inflaterFor(compression)).toBe(inflater)
      const deflater = new Deflater(compression, SETTINGS)
      for (const message of sampleMessages(SEED)) {
        expect(inflater.inflate(deflater.deflate(message), MIB).equals(message)).toBe(true)
      }
    }
  })

  it('gives each connection with context takeover an inflater of its window', () => {
    const inflater = inflaterFor({ windowBits: 10, contextTakeover: true })
    expect(inflaterFor({ windowBits: 10, contextTakeover: true })).not.toBe(inflater)
    inflater.inflate(HELLO_BLOCK, KIB)
    expect(openInflateContext).toHaveBeenLastCalledWith({ windowBits: 10, contextTakeover: true })
  })

  it('keeps the context that connections share when one of them closes', () => {
    inflaterFor(NO_TAKEOVER).inflate(HELLO_BLOCK, KIB)
    vi.mocked(openInflateContext).mockClear()
    inflaterFor(NO_TAKEOVER).close()
    expect(inflaterFor(NO_TAKEOVER).inflate(HELLO_BLOCK, KIB)).toEqual(HELLO)
    expect(openInflateContext).not.toHaveBeenCalled()
  })
})

describe('corrupt data', () => {
  it('RFC 7692 §7.2.2, RFC 6455 §7.4.1: fails with 1007 and the code of zlib', () => {
    expect(PROTOCOL_ERRORS.Z_DATA_ERROR.closeCode).toBe(1007)
  })

  it.each(BOTH)('is refused whole and in parts, and the next message is inflated, with %o', (compression) => {
    const inflater = new Inflater(compression)
    const corrupt = bytes('f2 48 cd c9 c9 07 00 ff ff ff')
    expect(brokenRule(() => inflater.inflate(corrupt, KIB))).toBe('Z_DATA_ERROR')
    expect(inflater.inflate(HELLO_BLOCK, KIB)).toEqual(HELLO)
    expect(brokenRule(() => inflateParts(inflater, [corrupt]))).toBe('Z_DATA_ERROR')
    expect(inflateParts(inflater, [HELLO_BLOCK])).toEqual(HELLO)
  })
})

/** What `bomb.ts` says of a process that inflates a bomb of so many MiB with a limit of so many. */
async function explode(bombMebibytes: number, limitMebibytes: number, way: string) {
  const program = fileURLToPath(new URL('bomb.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@upwire/source', program]
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...args,
    String(bombMebibytes),
    String(limitMebibytes),
    way,
  ])
  return JSON.parse(stdout) as { code?: string; raisedMebibytes: number }
}

describe('a decompression bomb', () => {
  it.each([
    [1, 1, 'whole'],
    [1024, 1, 'whole'],
    [1024, 16, 'whole'],
    [1024, 16, 'in parts'],
    [1024, 16, 'in parts, with takeover'],
  ])(
    'CVE-2026-1526, CVE-2018-1000518, CVE-2026-54490, CVE-2026-54464: of %d MiB takes no more than its limit of %d MiB and 16, %s',
    async (bombMebibytes, limitMebibytes, way) => {
      const { code, raisedMebibytes } = await explode(bombMebibytes, limitMebibytes, way)
      expect(code).toBe(bombMebibytes > limitMebibytes ? 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' : undefined)
      expect(raisedMebibytes).toBeLessThan(limitMebibytes + 16)
    },
    30_000,
  )

  it('closes with 1009', () => {
    expect(PROTOCOL_ERRORS.WS_ERR_UNSUPPORTED_MESSAGE_LENGTH.closeCode).toBe(1009)
  })

  it('takes the time that its limit takes, not that of its size', () => {
    const inflater = new Inflater(NO_TAKEOVER)
    const [small, large] = [bomb(1), bomb(512)]
    const cpuTime = (payload: Buffer) => {
      const started = process.cpuUsage()
      for (let count = 0; count < 20; count++) brokenRule(() => inflater.inflate(payload, 100 * KIB))
      const { user, system } = process.cpuUsage(started)
      return user + system
    }
    cpuTime(small)
    expect(cpuTime(large)).toBeLessThan(cpuTime(small) * 4 + 20_000)
  })

  it('of nothing but empty blocks takes linear time', () => {
    const inflater = new Inflater(NO_TAKEOVER)
    const payload = Buffer.alloc(5 * MIB + 1, bytes('00 00 00 ff ff'))
    const started = process.cpuUsage()
    expect(inflater.inflate(payload, 0)).toHaveLength(0)
    const { user, system } = process.cpuUsage(started)
    expect(user + system).toBeLessThan(500_000)
  })
})
