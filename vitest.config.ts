import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests run from the sources of the packages, with no build. */
const conditions = ['@upwire/source', 'node']

/** They run twice: on Nest 12, and on the Nest 11 that the workspace `test/nest-11` installs. */
const nestTests = 'packages/nest/test/**/*.test.ts'
const nest11 = fileURLToPath(new URL('test/nest-11/node_modules/@nestjs/', import.meta.url))

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'upwire',
          include: [
            '{packages,examples}/*/test/**/*.test.ts',
            '{benchmarks,conformance,ecosystem}/test/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: [nestTests, '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'nest-12', include: [nestTests] } },
      {
        extends: true,
        resolve: { alias: [{ find: /^@nestjs\//, replacement: nest11 }] },
        test: { name: 'nest-11', include: [nestTests] },
      },
    ],
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 10_000,
    hookTimeout: 20_000,
    dangerouslyIgnoreUnhandledErrors: false,
    reporters: ['default', './test/support/count-reporter.ts'],
  },
})
