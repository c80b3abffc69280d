import { afterEach, beforeEach } from 'vitest'
import { type Incident, type ProcessWatch, watchProcess } from './leak-check.ts'

/** The watch over the test that runs. */
export interface TestWatch {
  /** What has happened so far: the test expected it, and it does not count any more. */
  take(): Incident[]
}

/** Fails every test of the file, or the `describe` block, that would have ended or troubled the process. */
export function watchEachTest(): TestWatch {
  let watch: ProcessWatch
  beforeEach(() => {
    watch = watchProcess()
  })
  afterEach(async () => {
    try {
      await watch.expectNone()
    } finally {
      watch.stop()
    }
  })
  return { take: () => watch.take() }
}
