import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, release, type as system, totalmem } from 'node:os'

/** What a figure depends on besides the programs measured. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Processes that wanted to run during the last minute, on average. */
  readonly load: number
  readonly packages: Readonly<Record<string, string>>
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    memoryGiB: totalmem() / 2 ** 30,
    system: `${system()} ${release()}`,
    node: process.version,
    load: loadavg()[0]!,
    packages: {
      '@upwire/core': versionOf('@upwire/core'),
      '@upwire/express': versionOf('@upwire/express'),
      ws: versionOf('ws'),
      bufferutil: versionOf('bufferutil'),
      express: versionOf('express'),
      'express-ws': versionOf('express-ws'),
      'ws of express-ws': versionOf('ws', 'express-ws'),
    },
  }
}

/** The version of a package as this folder sees it, or as a package it depends on does. */
function versionOf(name: string, dependent?: string): string {
  const here = createRequire(import.meta.url)
  const require = dependent ? createRequire(here.resolve(dependent)) : here
  const manifest = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'))
  return manifest.version
}
