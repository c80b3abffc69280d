import * as names from '@upwire/express'
import { expect, it } from 'vitest'

it('exports nothing but what is meant to be public', () => {
  expect(Object.keys(names)).toEqual(['upwire'])
})
