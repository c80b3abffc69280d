/** One row: the files it is about, and what they may import. The first row that fits a file holds for it. */
export interface Layer {
  /** A file or, ending in `/`, a folder; from the root of the repository. `*` is any one name. */
  readonly files: string
  /**
   * What may be imported: files and folders as above, `./` being the workspace the importing file is in; packages and
   * builtins by name; `node:*` for every builtin, `npm:*` for every package that is not one of ours.
   */
  readonly imports: readonly string[]
  /** What may be imported by `import type` only. */
  readonly types?: readonly string[]
}

const core = 'packages/core/src'
const outside = ['node:*', 'npm:*']
const publicNames = [
  '@upwire/core',
  '@upwire/core/ws',
  '@upwire/ws',
  '@upwire/express',
  '@upwire/express/express-ws',
  '@upwire/fastify',
  '@upwire/nest',
  '@upwire/nest/message-pack',
]
const testTools = ['@upwire/testkit', '@upwire/testkit/contract', '@upwire/testkit/requires', 'test/support/']

/** What the two sides of an opening handshake have below them. */
const belowTheSides = [
  ...['protocol', 'handshake', 'permessage-deflate', 'topics', 'websocket', 'routing'].map(
    (folder) => `${core}/${folder}/`,
  ),
  ...['node:events', 'node:http', 'node:https', 'node:http2', 'node:stream'],
]

/** Who may import whom. */
export const layers: readonly Layer[] = [
  {
    files: `${core}/protocol/`,
    imports: [`${core}/protocol/`, 'node:buffer'],
  },
  {
    files: `${core}/handshake/`,
    imports: [`${core}/handshake/`, 'node:crypto'],
    types: ['node:http'],
  },
  {
    files: `${core}/permessage-deflate/`,
    imports: [`${core}/permessage-deflate/`, `${core}/protocol/protocol-error.ts`, 'node:zlib'],
    types: [`${core}/handshake/extension-offer.ts`],
  },
  {
    files: `${core}/topics/`,
    imports: [`${core}/topics/`, `${core}/protocol/`],
  },
  {
    files: `${core}/websocket/`,
    imports: [
      `${core}/websocket/`,
      `${core}/protocol/`,
      `${core}/permessage-deflate/`,
      'node:events',
      'node:string_decoder',
    ],
    types: [`${core}/topics/`, 'node:http', 'node:https', 'node:stream'],
  },
  {
    files: `${core}/routing/`,
    imports: [
      `${core}/routing/`,
      `${core}/handshake/`,
      `${core}/permessage-deflate/options.ts`,
      `${core}/websocket/limits.ts`,
      `${core}/websocket/message-mode.ts`,
      `${core}/websocket/user-code.ts`,
      'find-my-way',
    ],
    types: [`${core}/protocol/`, `${core}/topics/`, `${core}/websocket/`, 'node:http', 'node:stream'],
  },
  {
    files: `${core}/server/`,
    imports: [`${core}/server/`, ...belowTheSides],
    types: ['node:net', 'node:tls'],
  },
  {
    files: `${core}/client/`,
    imports: [`${core}/client/`, ...belowTheSides, 'node:crypto'],
    types: ['node:net', 'node:tls'],
  },
  {
    files: `${core}/ws/`,
    imports: [`${core}/ws/`, `${core}/server/`, `${core}/client/`, ...belowTheSides],
    types: ['node:net', 'node:zlib'],
  },
  { files: `${core}/*.ts`, imports: [`${core}/`] },

  { files: 'packages/ws/src/', imports: ['@upwire/core/ws'] },
  {
    files: 'packages/express/src/',
    imports: ['./src/', '@upwire/core', '@upwire/core/internal', 'express'],
    types: ['express-serve-static-core', 'node:*'],
  },
  {
    files: 'packages/fastify/src/',
    imports: [
      './src/',
      '@upwire/core',
      '@upwire/core/internal',
      'fastify-plugin',
      'find-my-way',
      'node:events',
    ],
    types: ['fastify', 'node:*'],
  },
  {
    files: 'packages/nest/src/',
    imports: [
      './src/',
      '@upwire/core',
      '@upwire/core/internal',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/websockets',
      '@msgpack/msgpack',
      'rxjs',
      'node:events',
      'node:http',
      'node:util',
    ],
    types: ['node:*'],
  },

  // Hands on the pair of streams that core injects connections with.
  { files: 'packages/testkit/src/index.ts', imports: ['./src/', '@upwire/core/internal'] },
  { files: 'packages/testkit/src/', imports: ['./src/', '@upwire/core', ...outside] },
  {
    files: 'packages/*/test/',
    imports: ['./', ...publicNames, '@upwire/core/internal', ...testTools, ...outside],
  },
  { files: 'packages/*/fuzz/', imports: ['./', ...publicNames, ...testTools, ...outside] },
  { files: 'examples/*/test/', imports: ['./', ...publicNames, ...testTools, ...outside] },
  { files: 'examples/*/', imports: ['./', ...publicNames, ...outside] },
  { files: 'conformance/test/', imports: ['./', ...publicNames, ...testTools, ...outside] },
  { files: 'conformance/', imports: ['./', ...publicNames, ...testTools, ...outside] },
  { files: 'ecosystem/test/', imports: ['./', ...testTools, ...outside] },
  { files: 'ecosystem/', imports: ['./', ...outside] },
  { files: 'benchmarks/test/', imports: ['./', ...publicNames, ...testTools, ...outside] },
  { files: 'benchmarks/', imports: ['./', ...publicNames, ...outside] },

  { files: 'scripts/', imports: ['scripts/', ...outside] },
  {
    files: 'test/',
    imports: ['test/', 'scripts/', `${core}/websocket/limits.ts`, ...publicNames, ...testTools, ...outside],
  },
  { files: '*.ts', imports: outside },
]

/** Type-only imports that close a cycle and stay: they are left out when cycles are looked for. */
export interface BackReference {
  readonly from: string
  readonly to: string
  readonly reason: string
}

export const backReferences: readonly BackReference[] = [
  {
    from: `${core}/websocket/`,
    to: `${core}/websocket/websocket.ts`,
    reason: 'hooks and handlers are given the WebSocket, whose types name them',
  },
  {
    from: `${core}/ws/types.ts`,
    to: `${core}/ws/websocket.ts`,
    reason: 'events and callbacks are given the WebSocket, whose options are among these types',
  },
  {
    from: `${core}/ws/websocket.ts`,
    to: `${core}/ws/websocket-server.ts`,
    reason: 'the class WebSocket carries WebSocketServer, which makes its sockets of it',
  },
]
