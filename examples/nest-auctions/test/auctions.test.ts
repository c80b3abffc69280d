import { NotFoundException } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { Auctions } from '../src/auctions.ts'
import { LOTS } from '../src/lots.ts'

describe('Auctions', () => {
  it('are one for each lot, open', () => {
    const { all } = new Auctions()
    expect(all.map(({ lot }) => lot)).toEqual(LOTS)
    expect(all.every(({ isOpen }) => isOpen)).toBe(true)
  })

  it('give always the same one for an id', () => {
    const auctions = new Auctions()
    expect(auctions.transform('radio')).toBe(auctions.all[1])
    expect(auctions.has('radio')).toBe(true)
  })

  it.each(['', 'Radio', '__proto__'])('have none for %j', (id) => {
    const auctions = new Auctions()
    expect(auctions.has(id)).toBe(false)
    expect(() => auctions.transform(id)).toThrow(NotFoundException)
  })
})
