import { expect, it } from 'vitest'
import { refusals } from '../../src/contract/refusals.ts'
import { passedByTheCareless } from './careless-harness.ts'

it('no case about refusals is passed by a framework that lets everybody in', async () => {
  expect(await passedByTheCareless(refusals)).toEqual([])
})
