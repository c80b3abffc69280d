import { fileURLToPath } from 'node:url'
import { createApp } from './app.ts'
import { parsePort } from './port.ts'

/** How long answers may take after the last WebSocket has closed, in milliseconds. */
const GRACE = 1000

const port =
  parsePort(process.env.PORT) ?? fail(`PORT must be a number from 0 to 65535, not "${process.env.PORT}"`)
const directory = process.env.DATA_DIRECTORY ?? fileURLToPath(new URL('../data', import.meta.url))

const app = createApp({ directory, secret: process.env.SESSION_SECRET })
const server = app.listen(port)

server.on('listening', () => {
  const address = server.address()
  const openPort = typeof address === 'object' && address !== null ? address.port : port
  console.log(`The chat is open at http://localhost:${openPort}`)
})

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  fail(`Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm start`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, shutDown)

/** Says goodbye to every WebSocket, then lets the answers under way go out. */
async function shutDown(): Promise<void> {
  await app.websockets.close()
  server.close()
  // A browser opens connections ahead of its requests: Node waits for those, too.
  setTimeout(() => server.closeAllConnections(), GRACE).unref()
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
