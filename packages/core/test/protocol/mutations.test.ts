import { describe, expect, it } from 'vitest'
import { stream } from '../../fuzz/frame-streams.ts'
import { cutAnywhere, mutate } from '../../fuzz/mutations.ts'
import type { Role } from '../../src/protocol/role.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { limitsWith, receiver } from '../support/message-recorder.ts'
import { peerMask, ROLES } from '../support/peer.ts'
import { Choices } from '../support/random-source.ts'

const SEED = 0x5ca1ab1e
const MUTATIONS_PER_ROLE = 50_000
const STREAMS = 500
const MAX_PAYLOAD_BYTES = 100_000

/** What a mutated stream can be refused for. The shared budget is larger than all limits together. */
const REACHABLE = [
  'UPWIRE_NEGATIVE_LENGTH',
  'UPWIRE_OVERLONG_LENGTH',
  'WS_ERR_EXPECTED_FIN',
  'WS_ERR_INVALID_CLOSE_CODE',
  'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
  'WS_ERR_INVALID_OPCODE',
  'WS_ERR_INVALID_UTF8',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
  'WS_ERR_UNEXPECTED_RSV_1',
  'WS_ERR_UNEXPECTED_RSV_2_3',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
]

/** What becomes of chunks, in one line; and whether the memory they took is given back in the end. */
function outcome(role: Role, chunks: Buffer[]) {
  const limits = limitsWith({ maxPayload: MAX_PAYLOAD_BYTES, maxFragments: 10 })
  const { parser, assembler, events } = receiver(role, limits)
  const error = brokenRule(() => {
    for (const chunk of chunks) {
      const end = parser.push(chunk)
      if (end !== chunk.length) throw new Error(`Parsed to ${end} of ${chunk.length}`)
    }
  })
  assembler.release()
  if (limits.budget.usedBytes !== 0) throw new Error('Memory was not given back')
  return { error, line: [...events, error].join('\n') }
}

describe.each(ROLES)('what reaches a %s', (role) => {
  const title = `ends well or in a documented error, however it is cut: ${MUTATIONS_PER_ROLE} mutations, seed ${SEED}`

  it(title, { timeout: 60_000 }, () => {
    const choices = new Choices(SEED)
    const streams = Array.from({ length: STREAMS }, () => stream(choices, { mask: peerMask(role) }))
    const errors = new Map<string | undefined, number>()
    for (let round = 0; round < MUTATIONS_PER_ROLE; round++) {
      const bytes = mutate(choices.oneOf(streams), choices)
      const inPieces = outcome(role, cutAnywhere(bytes, choices))
      const whole = outcome(role, [Buffer.from(bytes)])
      if (whole.line !== inPieces.line)
        expect(inPieces.line, `round ${round}: ${bytes.toString('hex')}`).toBe(whole.line)
      errors.set(whole.error, (errors.get(whole.error) ?? 0) + 1)
    }
    expect(errors.get(undefined)).toBeGreaterThan(MUTATIONS_PER_ROLE / 100)
    const maskError = role === 'server' ? 'WS_ERR_EXPECTED_MASK' : 'WS_ERR_UNEXPECTED_MASK'
    const codes = [...errors.keys()].filter((code) => code !== undefined)
    expect(codes.sort()).toEqual([...REACHABLE, maskError].sort())
  })

  it('ends well where it is not mutated', () => {
    const choices = new Choices(SEED)
    for (let round = 0; round < STREAMS; round++) {
      const bytes = stream(choices, { mask: peerMask(role) })
      expect(outcome(role, cutAnywhere(bytes, choices)).error).toBeUndefined()
    }
  })
})
