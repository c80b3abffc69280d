import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createApp } from './app.ts'
import { parsePort } from './port.ts'
import { SIMULATED, startDevice } from './simulated-device.ts'

/** How long answers may take after the last WebSocket has closed, in milliseconds. */
const GRACE = 1000

const { PORT, HOST, DATA_DIRECTORY, SESSION_SECRET, DEVICE_SECRET, SIMULATED_DEVICES } = process.env

const port = parsePort(PORT) ?? fail(`PORT must be a number from 0 to 65535, not "${PORT}"`)
const app = await createApp({
  directory: DATA_DIRECTORY ?? fileURLToPath(new URL('../data', import.meta.url)),
  sessionSecret: SESSION_SECRET,
  deviceSecret: DEVICE_SECRET,
})

try {
  await app.listen({ port, host: HOST ?? 'localhost' })
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
  fail(
    `Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm run start:fastify`,
  )
}

const { port: openPort } = app.server.address() as AddressInfo
if (SIMULATED_DEVICES !== '0') simulate(`ws://localhost:${openPort}/measurements`)
console.log(`The dashboard is open at http://localhost:${openPort}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, shutDown)

function simulate(address: string): void {
  for (const [device, habits] of SIMULATED) {
    startDevice(address, { token: app.jwt.sign(device, { expiresIn: '1d' }), habits })
  }
}

/** Says goodbye to every WebSocket, then lets the answers under way go out. */
async function shutDown(): Promise<void> {
  // A browser opens connections ahead of its requests: Node waits for those, too.
  setTimeout(() => app.server.closeAllConnections(), GRACE).unref()
  await app.close()
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
