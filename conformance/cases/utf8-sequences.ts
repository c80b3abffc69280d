import { hex } from '../vocabulary/payload.ts'

export interface Utf8Sequence {
  readonly bytes: Buffer
  readonly isValid: boolean
}

export interface Utf8Group {
  /** What each of its sequences is. */
  readonly what: string
  readonly sequences: readonly Utf8Sequence[]
}

/** The Greek word κόσμε, characters of two and three bytes. */
const KOSME = hex('ce ba e1 bd b9 cf 83 ce bc ce b5')
const KOSME_CHARACTER_ENDS = [2, 5, 7, 9, 11]

const LAST_BYTE_MISSING = [
  'c0',
  'e0 80',
  'f0 80 80',
  'f8 80 80 80',
  'fc 80 80 80 80',
  'df',
  'ef bf',
  'f7 bf bf',
  'fb bf bf bf',
  'fd bf bf bf bf',
]
const HIGH_SURROGATES = ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf']
const LOW_SURROGATES = ['ed b0 80', 'ed bf bf']
const PLANES = Array.from({ length: 17 }, (_, plane) => plane * 0x10000)

/** After Markus Kuhn's stress test for decoders, judged by RFC 3629: the groups 6.5 to 6.23, in their order. */
export const utf8Groups: readonly Utf8Group[] = [
  {
    what: 'characters of one to four bytes',
    sequences: valid(
      '68 65 6c 6c 6f 24 77 6f 72 6c 64',
      '68 65 6c 6c 6f c2 a2 77 6f 72 6c 64',
      '68 65 6c 6c 6f e2 82 ac 77 6f 72 6c 64',
      '68 65 6c 6c 6f f0 a4 ad a2 77 6f 72 6c 64',
      KOSME.toString('hex'),
    ),
  },
  {
    what: 'the beginning of a Greek word',
    sequences: [...KOSME.keys()].map((last) => ({
      bytes: KOSME.subarray(0, last + 1),
      isValid: KOSME_CHARACTER_ENDS.includes(last + 1),
    })),
  },
  { what: 'the first character of its length', sequences: valid('00', 'c2 80', 'e0 a0 80', 'f0 90 80 80') },
  {
    what: 'the first sequence of five or six bytes',
    sequences: invalid('f8 88 80 80 80', 'fc 84 80 80 80 80'),
  },
  { what: 'the last character of its length', sequences: valid('7f', 'df bf', 'ef bf bf', 'f4 8f bf bf') },
  {
    what: 'the last sequence of its length, which is no character',
    sequences: invalid('f7 bf bf bf', 'fb bf bf bf bf', 'fd bf bf bf bf bf'),
  },
  {
    what: 'a code point at a border',
    sequences: [...valid('ed 9f bf', 'ee 80 80', 'ef bf bd', 'f4 8f bf bf'), ...invalid('f4 90 80 80')],
  },
  {
    what: 'continuation bytes with nothing to continue',
    sequences: invalid(
      ...['80', 'bf', '80 bf', '80 bf 80', '80 bf 80 bf', '80 bf 80 bf 80', '80 bf 80 bf 80 bf'],
      everyByte(0x80, 0xbf),
    ),
  },
  {
    what: 'first bytes with a space after each',
    sequences: invalid(
      everyByte(0xc0, 0xdf, ' '),
      everyByte(0xe0, 0xef, ' '),
      everyByte(0xf0, 0xf7, ' '),
      everyByte(0xf8, 0xfb, ' '),
      everyByte(0xfc, 0xfd, ' '),
    ),
  },
  { what: 'a sequence without its last byte', sequences: invalid(...LAST_BYTE_MISSING) },
  { what: 'sequences without their last byte', sequences: invalid(LAST_BYTE_MISSING.join(' ')) },
  { what: 'bytes that UTF-8 never has', sequences: invalid('fe', 'ff', 'fe fe ff ff') },
  {
    what: 'an overlong slash',
    sequences: invalid('c0 af', 'e0 80 af', 'f0 80 80 af', 'f8 80 80 80 af', 'fc 80 80 80 80 af'),
  },
  {
    what: 'the last overlong form of its length',
    sequences: invalid('c1 bf', 'e0 9f bf', 'f0 8f bf bf', 'f8 87 bf bf bf', 'fc 83 bf bf bf bf'),
  },
  {
    what: 'an overlong NUL',
    sequences: invalid('c0 80', 'e0 80 80', 'f0 80 80 80', 'f8 80 80 80 80', 'fc 80 80 80 80 80'),
  },
  {
    what: 'a single surrogate',
    sequences: invalid(
      ...['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf', 'ed b0 80', 'ed be 80', 'ed bf bf'],
    ),
  },
  {
    what: 'a pair of surrogates',
    sequences: HIGH_SURROGATES.flatMap((high) => invalid(...LOW_SURROGATES.map((low) => `${high} ${low}`))),
  },
  {
    what: 'a code point that is no character',
    sequences: PLANES.flatMap((plane) => [character(plane + 0xfffe), character(plane + 0xffff)]),
  },
  {
    what: 'a special code point',
    sequences: [0xfff9, 0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffff].map(character),
  },
]

function valid(...sequences: string[]): Utf8Sequence[] {
  return sequences.map((digits) => ({ bytes: hex(digits), isValid: true }))
}

function invalid(...sequences: string[]): Utf8Sequence[] {
  return sequences.map((digits) => ({ bytes: hex(digits), isValid: false }))
}

function character(codePoint: number): Utf8Sequence {
  return { bytes: Buffer.from(String.fromCodePoint(codePoint)), isValid: true }
}

/** In hex, with `after` behind each. */
function everyByte(first: number, last: number, after = ''): string {
  const bytes = Array.from({ length: last - first + 1 }, (_, index) => Buffer.of(first + index))
  return bytes.map((byte) => byte.toString('hex') + Buffer.from(after).toString('hex')).join('')
}
