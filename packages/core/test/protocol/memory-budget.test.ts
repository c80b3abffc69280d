import { describe, expect, it } from 'vitest'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'

describe('a memory budget', () => {
  it('gives out exactly its bytes', () => {
    const budget = new MemoryBudget(100)
    expect(budget.maxBytes).toBe(100)
    expect(budget.take(60)).toBe(true)
    expect(budget.take(40)).toBe(true)
    expect(budget.usedBytes).toBe(100)
    expect(budget.take(0)).toBe(true)
    expect(budget.take(1)).toBe(false)
  })

  it('takes nothing where it refuses', () => {
    const budget = new MemoryBudget(100)
    budget.take(60)
    expect(budget.take(41)).toBe(false)
    expect(budget.usedBytes).toBe(60)
    expect(budget.take(40)).toBe(true)
  })

  it('gives out again what was given back', () => {
    const budget = new MemoryBudget(100)
    budget.take(100)
    budget.giveBack(30)
    expect(budget.usedBytes).toBe(70)
    expect(budget.take(30)).toBe(true)
  })
})
