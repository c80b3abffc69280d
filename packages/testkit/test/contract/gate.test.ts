import { expect, it } from 'vitest'
import { gate } from '../../src/contract/gate.ts'

it('a gate tells that somebody waits, and lets all of them on', async () => {
  const { wait, reached, open } = gate()
  const passed: string[] = []
  const waiting = [wait().then(() => passed.push('first')), wait().then(() => passed.push('second'))]
  await reached
  expect(passed).toEqual([])
  open()
  await Promise.all(waiting)
  expect(passed).toEqual(['first', 'second'])
  await wait()
})
