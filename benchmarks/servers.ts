import { createRequire } from 'node:module'

/** What a program does for its clients. A case measures the programs that do one of these. */
export type Task = 'connect' | 'echo' | 'events' | 'fan-out' | 'compressed echo' | 'compressed fan-out'

/** What is measured. Every other file calls a server by its `name`. */
export interface Server {
  readonly name: string
  readonly title: string
  /** The files under `servers/`, by what they do. It has no part in cases of anything else. */
  readonly programs: Programs
  readonly env?: Readonly<Record<string, string>>
}

export type Programs = Readonly<Partial<Record<Task, string>>>

/** The floor of every comparison: the least that Node can do for a message. */
export const floor = 'net'
/** What most programs use today. */
export const reference = 'ws'

export const servers: readonly Server[] = [
  {
    name: floor,
    title: 'net (the floor)',
    programs: { ...echo('net'), events: 'net', 'fan-out': 'net-topic' },
  },
  { name: 'net-events', title: 'net, frames and JSON by hand', programs: { events: 'net-events' } },
  {
    name: reference,
    title: 'ws',
    programs: { ...echo('ws'), events: 'ws-events', 'fan-out': 'ws-topic', ...compressed('ws') },
    env: { WS_NO_BUFFER_UTIL: '1', ...perMessageDeflate(true) },
  },
  ...(bufferutilIsNative()
    ? [{ name: 'ws-bufferutil', title: 'ws + bufferutil', programs: echo('ws') }]
    : []),
  {
    name: 'ws-no-takeover',
    title: 'ws, no context takeover',
    programs: compressed('ws'),
    env: {
      WS_NO_BUFFER_UTIL: '1',
      ...perMessageDeflate({ serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 }),
    },
  },
  { name: 'express-ws', title: 'express-ws', programs: echo('express-ws') },
  {
    name: 'fastify-websocket',
    title: '@fastify/websocket',
    programs: echo('fastify-websocket'),
    env: { WS_NO_BUFFER_UTIL: '1' },
  },
  {
    name: 'nest-ws',
    title: "Nest's WsAdapter",
    programs: gateway('nest-ws'),
    env: { WS_NO_BUFFER_UTIL: '1' },
  },
  {
    name: 'upwire-core',
    title: 'Upwire core',
    programs: {
      ...echo('upwire-core'),
      events: 'upwire-core-events',
      'fan-out': 'upwire-core-topic',
      ...compressed('upwire-core'),
    },
    env: perMessageDeflate({ threshold: 0 }),
  },
  {
    name: 'upwire-core-per-connection',
    title: "Upwire core, memory 'per-connection'",
    programs: compressed('upwire-core'),
    env: perMessageDeflate({ memory: 'per-connection' }),
  },
  { name: 'upwire-express', title: 'Upwire on Express', programs: echo('upwire-express') },
  { name: 'upwire-fastify', title: 'Upwire on Fastify', programs: echo('upwire-fastify') },
  { name: 'upwire-nest', title: 'Upwire on Nest', programs: gateway('upwire-nest') },
]

function echo(program: string): Programs {
  return { connect: program, echo: program }
}

function gateway(program: string): Programs {
  return { connect: program, events: program }
}

function compressed(program: string): Programs {
  return { 'compressed echo': `${program}-deflate`, 'compressed fan-out': `${program}-topic` }
}

/** The option of that name, for the programs that take it. */
function perMessageDeflate(option: boolean | object): Record<string, string> {
  return { PER_MESSAGE_DEFLATE: JSON.stringify(option) }
}

/** Where it has no build for the machine, it does in JavaScript what `ws` does without it. */
function bufferutilIsNative(): boolean {
  const { mask } = createRequire(import.meta.url)('bufferutil')
  return String(mask).includes('[native code]')
}
