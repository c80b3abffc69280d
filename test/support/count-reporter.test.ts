import { describe, expect, it } from 'vitest'
import { runVitest } from './run-vitest.ts'

const passing = "test('a', () => {})\ntest('b', () => {})"

describe('the last line of a run', () => {
  it('counts what passed', async () => {
    const { exitCode, lastLine } = await runVitest({ 'a.test.ts': passing })
    expect(lastLine).toBe('2 passed, 0 failed')
    expect(exitCode).toBe(0)
  })

  it('counts tests that fail, files that do not load, suites that break and errors nobody handled', async () => {
    const { exitCode, lastLine, output } = await runVitest({
      'passing.test.ts': passing,
      'failing.test.ts': "test('a', () => { throw new Error('no') })\ntest('b', () => {})",
      'unloadable.test.ts': "import './missing.ts'\ntest('a', () => {})",
      'suite.test.ts':
        "describe('s', () => { beforeAll(() => { throw new Error('no') })\ntest('a', () => {}) })",
      'unhandled.test.ts': "test('a', () => { Promise.reject(new Error('nobody waits for this')) })",
    })
    expect(output).toContain('nobody waits for this')
    expect(lastLine).toBe('4 passed, 4 failed, 1 skipped')
    expect(exitCode).toBe(1)
  })

  it('names what was skipped, and why', async () => {
    const { exitCode, lastLine, output } = await runVitest({
      'a.test.ts': "test('a', () => {})\ntest('b', ({ skip }) => skip('needs a moon'))\ntest.todo('c')",
    })
    expect(output).toContain('skipped: a.test.ts > b: needs a moon\n')
    expect(output).toContain('skipped: a.test.ts > c\n')
    expect(lastLine).toBe('1 passed, 0 failed, 2 skipped')
    expect(exitCode).toBe(0)
  })

  it('never says that nothing failed when the run did', async () => {
    const { exitCode, lastLine } = await runVitest({})
    expect(lastLine).toBe('0 passed, 1 failed')
    expect(exitCode).toBe(1)
  })
})
