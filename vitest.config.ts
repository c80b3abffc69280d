import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests run from the sources of the packages, with no build. */
const conditions = ['@upwire/source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      '{packages,examples}/*/test/**/*.test.ts',
      '{benchmarks,conformance}/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 10_000,
    hookTimeout: 20_000,
    dangerouslyIgnoreUnhandledErrors: false,
    reporters: ['default', './test/support/count-reporter.ts'],
  },
})
