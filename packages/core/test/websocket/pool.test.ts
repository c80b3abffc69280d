import { describe, expect, it } from 'vitest'
import { Pool } from '../../src/websocket/pool.ts'

function countingPool(most: number) {
  let made = 0
  const pool = new Pool(() => ({ number: ++made }), most)
  return { pool, made: () => made }
}

describe('a pool', () => {
  it('makes nothing before it is asked', () => {
    expect(countingPool(2).made()).toBe(0)
  })

  it('gives what was given back before it makes another', () => {
    const { pool, made } = countingPool(2)
    const first = pool.take()
    pool.giveBack(first)
    expect(pool.take()).toBe(first)
    expect(made()).toBe(1)
  })

  it('never lends one item twice', () => {
    const { pool } = countingPool(2)
    const items = [pool.take(), pool.take()]
    for (const item of items) pool.giveBack(item)
    expect(new Set([pool.take(), pool.take(), pool.take()]).size).toBe(3)
  })

  it('keeps no more than its most', () => {
    const { pool, made } = countingPool(2)
    const burst = Array.from({ length: 5 }, () => pool.take())
    for (const item of burst) pool.giveBack(item)
    const kept = Array.from({ length: 5 }, () => pool.take()).filter((item) => burst.includes(item))
    expect(kept).toHaveLength(2)
    expect(made()).toBe(5 + 3)
  })
})
