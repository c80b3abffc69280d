import { expect, it } from 'vitest'
import { registration } from '../../src/contract/registration.ts'
import { passedByTheCareless } from './careless-harness.ts'

it('no case about registration is passed by a framework that lets everybody in and does nothing', async () => {
  expect(await passedByTheCareless(registration)).toEqual([])
})
