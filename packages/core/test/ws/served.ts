import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ServerOptions } from '../../src/ws/types.ts'
import { WebSocketServer } from '../../src/ws/websocket-server.ts'

/** A server that listens, and its address; it ends with its clients after the test. */
export async function served(options: ServerOptions = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  onTestFinished(async () => {
    for (const client of server.clients) client.terminate()
    server.close()
    await once(server, 'close')
  })
  await once(server, 'listening')
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** What `act` makes an uncaught exception or an unhandled rejection of. */
export async function uncaught(event: 'uncaughtException' | 'unhandledRejection', act: () => void) {
  const others = process.listeners(event as 'uncaughtException')
  process.removeAllListeners(event)
  try {
    const told = once(process, event)
    act()
    const [error] = await told
    return error
  } finally {
    for (const listener of others) process.on(event as 'uncaughtException', listener)
  }
}
