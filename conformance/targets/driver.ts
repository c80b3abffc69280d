import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The first thing a program tells the driver. */
export interface Ready {
  /** Where a server listens. */
  readonly port?: number
}

/** What the driver tells a client. */
export interface Connect {
  readonly url: string
}

/** Lets the driver know where the server listens. The process ends with the driver's. */
export async function serve(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  start({ port: (server.address() as AddressInfo).port })
}

/** Lets the driver say where to connect to. The process ends with the driver's. */
export function connectWhenTold(connect: (url: string) => Promise<void>): void {
  process.on('message', ({ url }: Connect) => {
    // What some cases are about, and the driver sees it by itself.
    connect(url).catch(() => {})
  })
  start({})
}

function start(ready: Ready): void {
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}
