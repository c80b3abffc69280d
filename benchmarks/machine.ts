import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, release, type as system, totalmem } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname

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
      '@upwire/fastify': versionOf('@upwire/fastify'),
      '@upwire/nest': versionOf('@upwire/nest'),
      ws: versionOf('ws'),
      bufferutil: versionOf('bufferutil'),
      express: versionOf('express'),
      'express-ws': versionOf('express-ws'),
      fastify: versionOf('fastify'),
      '@fastify/websocket': versionOf('@fastify/websocket'),
      '@nestjs/core': versionOf('@nestjs/core'),
      '@nestjs/platform-ws': versionOf('@nestjs/platform-ws'),
      'ws of express-ws': versionOf('ws', 'express-ws'),
      'ws of @nestjs/platform-ws': versionOf('ws', '@nestjs/platform-ws'),
    },
  }
}

/** The version of a package as this folder sees it, or as a package it depends on does. */
function versionOf(name: string, dependent?: string): string {
  const folder = folderOf(name, dependent ? folderOf(dependent, here) : here)
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}

/** Where a package is for those in `from`. Its manifest is looked for as a file: not every package exports it. */
function folderOf(name: string, from: string): string {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  const folder = places
    .map((place) => join(place, name))
    .find((each) => existsSync(join(each, 'package.json')))
  if (folder === undefined) throw new Error(`${name} is not installed: run npm ci`)
  return folder
}
