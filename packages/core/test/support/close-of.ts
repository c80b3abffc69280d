import { once } from 'node:events'
import type { WebSocket } from '../../src/websocket/websocket.ts'

/** What the 'close' event of a socket will say. */
export async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await once(socket, 'close')
  return [code, String(reason)]
}
