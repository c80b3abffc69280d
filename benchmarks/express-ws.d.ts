/** As much as is used here. The package has no types, and those of others add to Express's own what is only true with it. */
declare module 'express-ws' {
  import type { Application } from 'express'
  import type { WebSocket } from 'ws'

  export default function expressWs(app: Application): {
    app: { ws(path: string, handler: (socket: WebSocket) => void): void; listen: Application['listen'] }
  }
}
