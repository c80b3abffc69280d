import { expect, it } from 'vitest'
import { messages } from '../../src/contract/messages.ts'
import { passedByTheCareless } from './careless-harness.ts'

it('no case about messages is passed by a framework that lets everybody in and does nothing', async () => {
  expect(await passedByTheCareless(messages)).toEqual([])
})
