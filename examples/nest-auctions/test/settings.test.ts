import { describe, expect, it } from 'vitest'
import { Settings } from '../src/settings.ts'

describe('Settings', () => {
  it('are what the environment says', () => {
    const settings = new Settings({ JWT_SECRET: 'secret', AUCTIONEER_PASSWORD: 'password' })
    expect(settings).toEqual({ jwtSecret: 'secret', auctioneerPassword: 'password' })
  })

  it.each([[{}], [{ JWT_SECRET: '', AUCTIONEER_PASSWORD: '' }]])(
    'are made at random for %j',
    (environment) => {
      const [one, other] = [new Settings(environment), new Settings(environment)]
      expect(one.jwtSecret).toMatch(/^[\w-]{43}$/)
      expect(one.auctioneerPassword).toMatch(/^[\w-]{12}$/)
      expect(one.jwtSecret).not.toBe(other.jwtSecret)
      expect(one.auctioneerPassword).not.toBe(other.auctioneerPassword)
    },
  )
})
