import assert from 'node:assert/strict'
import { once } from 'node:events'

const { WebSocket, WebSocketServer } = await import(
  `${process.env.UPWIRE_BUILT}/node_modules/@upwire/core/dist/ws/index.js`
)

/** Fails the program unless these are what Upwire makes: with the package ws in their place, it has shown nothing. */
export function assertOurs(...made) {
  for (const each of made) {
    assert(
      each instanceof WebSocket || each instanceof WebSocketServer,
      `${each?.constructor?.name} is not ours`,
    )
  }
}

/** Listens on a free port of 127.0.0.1, and gives the address without its scheme. */
export async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${server.address().port}`
}

/** Tells the test what was seen, and ends. */
export function report(seen) {
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit())
}
