import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly TestCase[]
}

/**
 * Ends a run with the line `N passed, N failed`, and with `, N skipped` after it if any were, each of them named above.
 * A file that does not load, a hook of a suite that throws and an unhandled error count as one failed each.
 */
export default class CountReporter implements Reporter {
  #count: Count = { passed: 0, failed: 0, skipped: [] }

  onInit(vitest: Vitest): void {
    if (vitest.config.watch) return
    // What other reporters and the closing of the workers print comes before the process exits.
    process.once('exit', (exitCode) => this.#print(exitCode))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#count = countRun(modules, unhandledErrors)
  }

  #print(exitCode: number): void {
    const { passed, failed, skipped } = this.#count
    for (const test of skipped) console.log(`skipped: ${describeSkip(test)}`)
    const parts = [`${passed} passed`, `${exitCode === 0 ? failed : Math.max(failed, 1)} failed`]
    if (skipped.length > 0) parts.push(`${skipped.length} skipped`)
    console.log(parts.join(', '))
  }
}

function countRun(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Count {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state)
  const broken = modules
    .flatMap((module) => [module, ...module.children.allSuites()])
    .filter((suite) => suite.errors().length > 0)
  return {
    passed: inState('passed').length,
    failed: inState('failed').length + broken.length + unhandledErrors.length,
    skipped: inState('skipped'),
  }
}

function describeSkip(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' && result.note ? `: ${result.note}` : ''
  return `${test.module.relativeModuleId} > ${test.fullName}${note}`
}
