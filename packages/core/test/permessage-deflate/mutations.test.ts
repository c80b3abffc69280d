import { describe, expect, it } from 'vitest'
import { mutate } from '../../fuzz/mutations.ts'
import type { InflateContext } from '../../src/permessage-deflate/context.ts'
import { LastingDeflateContext, LastingInflateContext } from '../../src/permessage-deflate/lasting-context.ts'
import { OneShotInflateContext } from '../../src/permessage-deflate/one-shot-context.ts'
import { collect } from '../../src/permessage-deflate/output.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { Choices } from '../support/random-source.ts'
import { sampleMessages } from './samples.ts'

const SEED = 0x7692_0008
const MUTATIONS = 6000
const MAX_BYTES = 1024 * 1024

type ContextClass = new (options: object, contextTakeover: boolean) => InflateContext

/** What becomes of one message: its text, or the rule it broke. */
function outcome(context: InflateContext, parts: readonly Uint8Array[]): string {
  let text = ''
  const error = brokenRule(() => {
    text = collect(MAX_BYTES, (output) => {
      for (const part of parts) context.push(part, output)
      context.end(output)
    }).toString('hex')
  })
  return error ?? text
}

function cutInTwo(payload: Buffer, choices: Choices): Buffer[] {
  const at = choices.below(payload.length + 1)
  return [payload.subarray(0, at), payload.subarray(at)]
}

function compressed(messages: readonly Buffer[], contextTakeover: boolean): Buffer[] {
  const context = new LastingDeflateContext({ level: 6 }, contextTakeover)
  return messages.map((message) => context.deflate(message).subarray(0, -4))
}

describe('a compressed message that was tampered with', () => {
  const messages = sampleMessages(SEED).filter(({ length }) => length > 0 && length < 20_000)
  const texts = messages.map((message) => message.toString('hex'))

  it.each([true, false])(
    `is told alike by both decompressors, cut or not, and throws nothing else: ${MUTATIONS} of seed ${SEED}, with context takeover: %s`,
    { timeout: 60_000 },
    (takeover) => {
      const choices = new Choices(SEED)
      const [first, ...payloads] = compressed(messages, takeover)
      const outcomes = { Z_DATA_ERROR: 0, text: 0 }
      for (let index = 0; index < MUTATIONS; index++) {
        const payload = mutate(payloads[choices.below(payloads.length)], choices)
        const whole = outcomeAfterFirst(LastingInflateContext, [payload])
        const again = outcomeAfterFirst(OneShotInflateContext, [payload])
        const cut = outcomeAfterFirst(LastingInflateContext, cutInTwo(payload, choices))
        if (again !== whole || cut !== whole) expect.fail(`mutation ${index}: ${payload.toString('hex')}`)
        outcomes[whole === 'Z_DATA_ERROR' ? whole : 'text']++
      }
      expect(outcomes.Z_DATA_ERROR).toBeGreaterThan(MUTATIONS / 10)
      expect(outcomes.text).toBeGreaterThan(MUTATIONS / 10)

      /** What becomes of a message after another, so that there is something to refer to. */
      function outcomeAfterFirst(Context: ContextClass, parts: readonly Buffer[]): string {
        const context = new Context({}, takeover)
        if (outcome(context, [first]) !== texts[0]) expect.fail('The message before it was not told')
        const second = outcome(context, parts)
        context.close()
        return second
      }
    },
  )

  it(`leaves nothing to the next one without context takeover: ${MUTATIONS} of seed ${SEED}`, {
    timeout: 60_000,
  }, () => {
    const choices = new Choices(SEED)
    const payloads = compressed(messages, false)
    const contexts = [new LastingInflateContext({}, false), new OneShotInflateContext({}, false)]
    for (let index = 0; index < MUTATIONS; index++) {
      const nth = choices.below(payloads.length)
      const payload = mutate(payloads[nth], choices)
      for (const context of contexts) {
        outcome(context, cutInTwo(payload, choices))
        const isUntouched = outcome(context, [payloads[nth]]) === texts[nth]
        if (!isUntouched) expect.fail(`mutation ${index}: ${payload.toString('hex')}`)
      }
    }
  })
})
