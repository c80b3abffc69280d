import { expect, it } from 'vitest'
import { deferred } from '../../src/contract/deferred.ts'

it('a deferred is settled from outside', async () => {
  const kept = deferred<number>()
  kept.resolve(7)
  expect(await kept.promise).toBe(7)
  const broken = deferred()
  broken.reject(new Error('no'))
  await expect(broken.promise).rejects.toThrow('no')
})
