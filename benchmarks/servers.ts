import { createRequire } from 'node:module'

/** One program to measure. Every other file calls a server by its `name`. */
export interface Server {
  readonly name: string
  readonly title: string
  /** The file under `servers/`. */
  readonly program: string
  readonly env?: Readonly<Record<string, string>>
}

/** The floor of every comparison: the least that Node can do for a message. */
export const floor = 'net'
/** What most programs use today. */
export const reference = 'ws'

export const servers: readonly Server[] = [
  { name: floor, title: 'net (the floor)', program: 'net' },
  { name: reference, title: 'ws', program: 'ws', env: { WS_NO_BUFFER_UTIL: '1' } },
  ...(bufferutilIsNative() ? [{ name: 'ws-bufferutil', title: 'ws + bufferutil', program: 'ws' }] : []),
  { name: 'express-ws', title: 'express-ws', program: 'express-ws' },
  { name: 'upwire-core', title: 'Upwire core', program: 'upwire-core' },
  { name: 'upwire-express', title: 'Upwire on Express', program: 'upwire-express' },
]

/** Where it has no build for the machine, it does in JavaScript what `ws` does without it. */
function bufferutilIsNative(): boolean {
  const { mask } = createRequire(import.meta.url)('bufferutil')
  return String(mask).includes('[native code]')
}
