import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkLayers } from '../scripts/layers/check-layers.ts'
import { type BackReference, backReferences, layers } from '../scripts/layers/table.ts'
import { sourceFiles } from '../scripts/source-files.ts'

const check = (tree: Record<string, string>, listed: readonly BackReference[] = []): string[] =>
  checkLayers(new Map(Object.entries(tree)), { layers, backReferences: listed })

const mask = 'packages/core/src/protocol/mask.ts'
const accept = 'packages/core/src/server/accept.ts'
const origin = 'packages/core/src/handshake/origin.ts'
const plugin = 'packages/express/src/index.ts'
const raw = 'packages/testkit/src/raw-client.ts'
const demo = 'examples/express-chat/src/server.ts'

describe('the import table', () => {
  it('holds in every file of this repository', () => {
    const sources = new Map(sourceFiles('.').map((file) => [file, readFileSync(file, 'utf8')]))
    expect(sources.size).toBeGreaterThan(20)
    expect(checkLayers(sources, { layers, backReferences })).toEqual([])
  })

  it.each([
    ['an arrow upward', mask, "import { accept } from '../server/accept.ts'", accept],
    ['an arrow upward by a re-export', mask, "export { accept } from '../server/accept.ts'", accept],
    ['an arrow upward by a type', mask, "export type { A } from '../server/accept.ts'", accept],
    ['an arrow upward by import()', mask, "await import('../server/accept.ts')", accept],
    ['an arrow upward by an inline type', mask, "let a: import('../server/accept.ts').A", accept],
    ['a socket in the protocol', mask, "import type { Socket } from 'node:net'", 'node:net'],
    ['a package core has no reason for', accept, "import express from 'express'", 'express'],
    ['core by its own public name', accept, "import { WebSocket } from '@upwire/core'", '@upwire/core'],
    ['the sources of core in a plugin', plugin, "import '../../core/src/protocol/mask.ts'", mask],
    ['one plugin in another', plugin, "import '@upwire/fastify'", '@upwire/fastify'],
    ['another framework in a plugin', plugin, "import 'fastify'", 'fastify'],
    ['internal names in the testkit', raw, "import '@upwire/core/internal'", '@upwire/core/internal'],
    ['internal names in an example', demo, "import '@upwire/core/internal'", '@upwire/core/internal'],
    ['the testkit in an example', demo, "import '@upwire/testkit'", '@upwire/testkit'],
    [
      'a name no package exports',
      'benchmarks/bench.ts',
      "import '@upwire/core/src/index.ts'",
      '@upwire/core/src/index.ts',
    ],
  ])('refuses %s', (_, file, source, target) => {
    expect(check({ [file]: source })).toEqual([
      expect.stringMatching(new RegExp(`^${file}:1: .* may not import ${target}$`)),
    ])
  })

  it('refuses to load what may be imported for its types only', () => {
    expect(check({ [origin]: "import type { IncomingMessage } from 'node:http'" })).toEqual([])
    expect(check({ [origin]: "\nimport { IncomingMessage } from 'node:http'" })).toEqual([
      `${origin}:2: packages/core/src/handshake/ may import only types of node:http: write \`import type\``,
    ])
    expect(check({ [origin]: "import { type IncomingMessage } from 'node:http'" })).toHaveLength(1)
  })

  it('refuses a folder that has no row', () => {
    expect(check({ 'packages/core/src/compression/deflate.ts': '' })).toEqual([
      'packages/core/src/compression/deflate.ts: fits no row of scripts/layers/table.ts',
    ])
  })

  it('allows what the table lists', () => {
    expect(
      check({
        [mask]: "import { Opcode } from './opcode.ts'\nimport { isUtf8 } from 'node:buffer'",
        [accept]: "import { mask } from '../protocol/mask.ts'\nimport http from 'node:http'",
        [plugin]: "import '@upwire/core'\nimport '@upwire/core/internal'\nimport './app.ts'",
        [raw]: "import { WebSocket } from '@upwire/core'\nimport net from 'node:net'",
        [demo]: "import express from 'express'\nimport './rooms.ts'",
        'packages/express/test/index.test.ts': "import { it } from 'vitest'\nimport '../src/index.ts'",
      }),
    ).toEqual([])
  })
})

describe('cycles', () => {
  const a = 'scripts/a.ts'
  const b = 'scripts/b.ts'
  const cyclic = { [a]: "import './b.ts'", [b]: "import type { A } from './a.ts'" }
  const listed = [{ from: 'scripts/', to: a, reason: 'b is named in the types of a' }]

  it('are refused, those of types too', () => {
    expect(check(cyclic)).toEqual([`${a}: imports itself: ${a} → ${b} → ${a}`])
  })

  it('may be closed by a listed type import, and by nothing but types', () => {
    expect(check(cyclic, listed)).toEqual([])
    expect(check({ ...cyclic, [b]: "import { A } from './a.ts'" }, listed)).toContain(
      `${a}: imports itself: ${a} → ${b} → ${a}`,
    )
  })

  it('leave nothing listed behind when they are gone', () => {
    expect(check({ [a]: '', [b]: '' }, listed)).toEqual([
      `scripts/: no longer imports types of ${a}: strike it from backReferences`,
    ])
  })
})
