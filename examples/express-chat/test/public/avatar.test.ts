import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

interface AvatarModule {
  hueOf(id: string): number
}

const { hueOf } = await pageModule<AvatarModule>('avatar.js')

describe('hueOf', () => {
  it('is always the same for the same person', () => {
    expect(hueOf('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe(hueOf('f81d4fae-7dec-11d0-a765-00a0c91e6bf6'))
  })

  it('spreads people over the whole circle', () => {
    const hues = Array.from({ length: 1000 }, (_, index) => hueOf(`person-${index}`))
    expect(Math.min(...hues)).toBeLessThan(10)
    expect(Math.max(...hues)).toBeGreaterThan(350)
    expect(Math.max(...hues)).toBeLessThan(360)
  })
})
