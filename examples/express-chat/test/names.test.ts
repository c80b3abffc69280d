import { describe, expect, it } from 'vitest'
import { isRoomName, personName } from '../src/names.ts'

describe('personName', () => {
  it.each(['Ada', 'Grace Hopper', "O'Neill", 'Zoë', '李雷', 'Jean-Luc P.', 'R2_D2'])('takes %s', (name) => {
    expect(personName(name)).toBe(name)
  })

  it('trims a name and joins its inner spaces', () => {
    expect(personName('  Grace \t Hopper ')).toBe('Grace Hopper')
  })

  it('gives one spelling to a letter that has two', () => {
    expect(personName('Zoe\u0308')).toBe('Zo\u00eb')
  })

  it.each([
    ['nothing', ''],
    ['spaces alone', '   '],
    ['25 letters', 'a'.repeat(25)],
    ['a tag', '<b>Ada</b>'],
    ['a character that turns the direction of text', 'Ada\u202e'],
    ['a mark without a letter', '\u0308a'],
    ['a list, as a repeated form field gives', ['Ada']],
    ['no field at all', undefined],
  ])('refuses %s', (_what, value) => {
    expect(personName(value)).toBeUndefined()
  })
})

describe('isRoomName', () => {
  it.each(['lounge', 'room-42', 'a', 'x'.repeat(32)])('takes %s', (name) => {
    expect(isRoomName(name)).toBe(true)
  })

  it.each(['', 'Lounge', 'a b', 'a/b', '..', 'x'.repeat(33), 'lounge\n', undefined, ['lounge']])(
    'refuses %j',
    (name) => {
      expect(isRoomName(name)).toBe(false)
    },
  )
})
