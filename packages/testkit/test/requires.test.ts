import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Run, runVitest } from '../../../test/support/run-vitest.ts'

const source = `
  import { chromium, describeRequiring } from '${resolve(import.meta.dirname, '../src/requires.ts')}'
  describeRequiring(chromium, 'two pages', (path) => {
    beforeAll(() => console.log('starting ' + path))
    test('talk', () => {})
    test('part', () => {})
  })`

const run = (env: Record<string, string>): Promise<Run> => runVitest({ 'pages.test.ts': source }, env)

const missing = '/nowhere/chromium'
const reason = `needs chromium at ${missing}: run scripts/install-debian-packages.sh, or set CHROMIUM_PATH`

describe('tests that require a program', () => {
  it('run, and are told where it is', async () => {
    const { output, lastLine } = await run({ CHROMIUM_PATH: process.execPath })
    expect(output).toContain(`starting ${process.execPath}`)
    expect(lastLine).toBe('2 passed, 0 failed')
  })

  it('are skipped without it, saying what installs it', async () => {
    const { exitCode, output, lastLine } = await run({ CHROMIUM_PATH: missing })
    expect(output).not.toContain('starting')
    expect(output).toContain(`skipped: pages.test.ts > two pages (${reason}) > talk\n`)
    expect(lastLine).toBe('0 passed, 0 failed, 2 skipped')
    expect(exitCode).toBe(0)
  })

  it('fail without it in CI', async () => {
    const { exitCode, output, lastLine } = await run({ CHROMIUM_PATH: missing, CI: 'true' })
    expect(output).toContain(`Error: ${reason}`)
    expect(output).not.toContain('starting')
    expect(lastLine).toBe('0 passed, 1 failed, 2 skipped')
    expect(exitCode).toBe(1)
  })
})
