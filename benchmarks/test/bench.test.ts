import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

it('measures a server in processes of their own and prints the report', { timeout: 30_000 }, async () => {
  const { code, output } = await bench('--quick', '--only=echo-16B-32,net')
  expect(code).toBe(0)
  expect(output).toMatch(/\| echo of 16 B, 32 in flight +\| net \(the floor\) +\| +[\d.]+ µs \| +1\.00 \|/)
})

it('measures messages that are compressed and checked', { timeout: 30_000 }, async () => {
  const { code, output } = await bench(
    '--quick',
    '--only=echo-826B-deflate-32,fan-out-826B-deflate,upwire-core',
  )
  expect(output).toMatch(/\| echo of 826 B compressed, 32 in flight +\| Upwire core +\| +[\d.]+ µs \|/)
  expect(output).toMatch(/\| fan-out of 826 B compressed to 200 +\| Upwire core +\| +[\d.]+ µs \|/)
  expect(code).toBe(0)
})

it('explains itself when asked for something that does not exist', { timeout: 30_000 }, async () => {
  const { code, output } = await bench('--only=socket.io')
  expect(code).toBe(2)
  expect(output).toContain('--only=socket.io: nothing is called that')
  expect(output).toContain('npm run bench')
})

function bench(...args: string[]): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile('node', ['--import', 'tsx', 'bench.ts', ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, output: stdout + stderr })
    })
  })
}
