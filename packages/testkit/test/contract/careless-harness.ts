import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ContractCase } from '../../src/contract/contract-case.ts'
import { ContractRun } from '../../src/contract/contract-run.ts'
import type { ContractHarness } from '../../src/contract/harness.ts'
import { SAMPLE_ACCEPT } from '../../src/index.ts'

/** How long a case that waits for what never comes is waited for, in milliseconds. */
const PATIENCE = 100

const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`

/** A framework that says 101 to everybody, runs nothing of the application, and hangs up. */
export const careless: ContractHarness = {
  plainRequestStatus: 404,
  async start() {
    const server = createServer((_request, response) => void response.writeHead(204).end())
    server.on('upgrade', (_request, stream) => {
      stream.on('error', () => {})
      stream.resume().end(SWITCHING)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return {
      server,
      clients: new Set(),
      errors: [],
      publish: () => 0,
      stats: () => ({
        ...{ open: 0, pending: 0, accepted: 0, rejected: 0, closed: {} },
        ...{ bufferedBytes: 0, unfinishedBytes: 0 },
      }),
      async close() {
        server.close()
        server.closeAllConnections()
      },
      detach() {},
    }
  },
}

/** The titles of the cases that such a framework passes: there should be none. */
export async function passedByTheCareless(cases: readonly ContractCase[]): Promise<string[]> {
  const passed: string[] = []
  for (const { title, run } of cases) if (await holds(run)) passed.push(title)
  return passed
}

async function holds(play: ContractCase['run']): Promise<boolean> {
  const run = new ContractRun(careless)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE)
  })
  const played = play(run).then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([played, late])
  } finally {
    clearTimeout(timer)
    await run.abandon()
  }
}
