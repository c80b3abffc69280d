import { describe, expect, it } from 'vitest'
import { checkHeader, checkHighLength, checkMinimal } from '../../src/protocol/check-header.ts'
import { MASK, RSV1 } from '../../src/protocol/frame-header.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { ROLES } from '../support/peer.ts'

interface Situation {
  readonly masked: boolean
  readonly unfinished: boolean
  readonly rsv1: boolean
}

const BOOLEANS = [false, true]
const SITUATIONS: Situation[] = BOOLEANS.flatMap((masked) =>
  BOOLEANS.flatMap((unfinished) => BOOLEANS.map((rsv1) => ({ masked, unfinished, rsv1 }))),
)
/** Every first byte, with the second bytes that differ in what they mean. */
const FIRST_BYTES = Array.from({ length: 256 }, (_, first) => first)
const SECOND_BYTES = [0, 1, 125, 126, 127].flatMap((length) => [length, length | 0x80])

function check(first: number, second: number, { masked, unfinished, rsv1 }: Situation) {
  return brokenRule(() => checkHeader(first, second, masked ? MASK : 0, unfinished, rsv1 ? RSV1 : 0))
}

/** The rules as RFC 6455 §5.1, §5.2, §5.4 and §5.5 have them, read slowly: the names of all that are broken. */
function brokenRules(first: number, second: number, { masked, unfinished, rsv1 }: Situation): string[] {
  const [fin, one, two, three] = [0x80, 0x40, 0x20, 0x10].map((bit) => (first & bit) !== 0)
  const opcode = first % 16
  const isControl = opcode >= 8
  const startsMessage = opcode === 1 || opcode === 2
  const rules: Record<string, boolean> = {
    WS_ERR_UNEXPECTED_RSV_2_3: two || three,
    WS_ERR_UNEXPECTED_RSV_1: one && !(rsv1 && !isControl && opcode !== 0),
    WS_ERR_INVALID_OPCODE:
      ![0, 1, 2, 8, 9, 10].includes(opcode) || (unfinished ? startsMessage : opcode === 0),
    WS_ERR_EXPECTED_FIN: isControl && !fin,
    WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: isControl && second % 128 > 125,
    WS_ERR_EXPECTED_MASK: masked && second < 128,
    WS_ERR_UNEXPECTED_MASK: !masked && second >= 128,
  }
  return Object.keys(rules).filter((code) => rules[code])
}

describe.each(SITUATIONS)('with masked $masked, unfinished $unfinished, RSV1 allowed $rsv1', (situation) => {
  it('takes exactly the headers that break no rule, and names a broken one for the others', () => {
    const wrong = FIRST_BYTES.flatMap((first) => SECOND_BYTES.map((second) => [first, second])).filter(
      ([first, second]) => {
        const broken = brokenRules(first, second, situation)
        const found = check(first, second, situation)
        return found === undefined ? broken.length > 0 : !broken.includes(found)
      },
    )
    expect(wrong.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([])
  })
})

describe.each(ROLES)('a header that a %s gets', (role) => {
  const masked = role === 'server'
  const idle = { masked, unfinished: false, rsv1: false }
  const inMessage = { ...idle, unfinished: true }
  const withExtension = { ...idle, rsv1: true }
  const rule = (hex: string, situation: Situation = idle) => {
    const [first, second] = Buffer.from(hex, 'hex')
    return check(first, second | (masked ? 0x80 : 0), situation)
  }

  it.each(['0100', '0200', '8100', '827f', '8800', '8900', '8a7d'])(
    'is accepted between messages: %s',
    (hex) => {
      expect(rule(hex)).toBeUndefined()
    },
  )

  it.each(['0000', '8000', '8800', '8900', '8a7d'])('is accepted within a message: %s', (hex) => {
    expect(rule(hex, inMessage)).toBeUndefined()
  })

  it('is refused with RSV2 or RSV3, extension or not', () => {
    for (const hex of ['a100', '9100', 'b100', 'a900']) {
      expect(rule(hex)).toBe('WS_ERR_UNEXPECTED_RSV_2_3')
      expect(rule(hex, withExtension)).toBe('WS_ERR_UNEXPECTED_RSV_2_3')
    }
  })

  it('is refused with RSV1, but at the start of a message where an extension gives it a meaning', () => {
    for (const hex of ['c100', 'c200', '4100']) {
      expect(rule(hex)).toBe('WS_ERR_UNEXPECTED_RSV_1')
      expect(rule(hex, withExtension)).toBeUndefined()
    }
    for (const hex of ['c000', '4000']) {
      expect(rule(hex, { ...withExtension, unfinished: true })).toBe('WS_ERR_UNEXPECTED_RSV_1')
    }
    for (const hex of ['c800', 'c900', 'ca00'])
      expect(rule(hex, withExtension)).toBe('WS_ERR_UNEXPECTED_RSV_1')
  })

  it('is refused with a reserved opcode', () => {
    for (const opcode of ['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f']) {
      expect(rule(`${opcode}00`)).toBe('WS_ERR_INVALID_OPCODE')
      expect(rule(`${opcode}00`, inMessage)).toBe('WS_ERR_INVALID_OPCODE')
    }
  })

  it('is refused where a continuation continues nothing, or a message starts inside another', () => {
    for (const hex of ['0000', '8000']) expect(rule(hex)).toBe('WS_ERR_INVALID_OPCODE')
    for (const hex of ['0100', '8100', '8200']) expect(rule(hex, inMessage)).toBe('WS_ERR_INVALID_OPCODE')
  })

  it('is refused as a control frame in fragments or above 125 bytes', () => {
    for (const hex of ['0800', '0900', '0a00']) expect(rule(hex)).toBe('WS_ERR_EXPECTED_FIN')
    for (const hex of ['887e', '897f', '8a7e'])
      expect(rule(hex)).toBe('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH')
  })

  it('is refused with the other role’s MASK bit', () => {
    const other = { ...idle, masked: !masked }
    expect(rule('8100', other)).toBe(masked ? 'WS_ERR_UNEXPECTED_MASK' : 'WS_ERR_EXPECTED_MASK')
  })

  it('is refused with a message that has the number at fault', () => {
    const mask = masked ? MASK : 0
    expect(() => checkHeader(0x85, mask, mask, false, 0)).toThrow('invalid opcode 5')
    expect(() => checkHeader(0x8c, mask, mask, false, 0)).toThrow('invalid opcode 12')
    expect(() => checkHeader(0x89, mask | 126, mask, false, 0)).toThrow('invalid payload length 126')
  })
})

describe('a length', () => {
  it('is refused where fewer bytes would have held it', () => {
    for (const smallest of [126, 65536]) {
      expect(brokenRule(() => checkMinimal(smallest, smallest))).toBeUndefined()
      expect(brokenRule(() => checkMinimal(smallest - 1, smallest))).toBe('UPWIRE_OVERLONG_LENGTH')
    }
  })

  it.each([
    [0, undefined],
    [0x1f_ffff, undefined],
    [0x20_0000, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
    [0x7fff_ffff, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
    [0x8000_0000, 'UPWIRE_NEGATIVE_LENGTH'],
    [0xffff_ffff, 'UPWIRE_NEGATIVE_LENGTH'],
  ])('of 64 bits is at most 2^53 - 1 (undici CVE-2026-1528): high word %d', (high, code) => {
    expect(brokenRule(() => checkHighLength(high))).toBe(code)
  })
})
