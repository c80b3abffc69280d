import { expect, it } from 'vitest'
import { shutdown } from '../../src/contract/shutdown.ts'
import { passedByTheCareless } from './careless-harness.ts'

it('no case about shutdown is passed by a framework that lets everybody in and does nothing', async () => {
  expect(await passedByTheCareless(shutdown)).toEqual([])
})
