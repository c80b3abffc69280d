import { expect, it } from 'vitest'
import { contractCase } from '../../src/contract/contract-case.ts'

it('a case needs nothing unless it says so', () => {
  const run = async () => {}
  expect(contractCase('holds', run)).toEqual({ title: 'holds', run, needs: [] })
  expect(contractCase('holds', run, { needs: ['hooks'] }).needs).toEqual(['hooks'])
})
