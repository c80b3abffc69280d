import { expect, it } from 'vitest'
import { limits } from '../../src/contract/limits.ts'
import { passedByTheCareless } from './careless-harness.ts'

it('no case about limits is passed by a framework that lets everybody in and does nothing', async () => {
  expect(await passedByTheCareless(limits)).toEqual([])
})
