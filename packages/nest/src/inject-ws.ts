import type { INestApplication } from '@nestjs/common'
import { type InjectedSocket, type InjectOptions, inject } from '@upwire/core/internal'

/**
 * Opens a connection to a gateway without a port: `await injectWS(app, '/rooms/1', { headers })`. The application is
 * initialized, if it is not; it need not listen. It goes the whole way, through middleware and guards. Resolves with the
 * client's end when it is open, whose `next()` gives the next message; rejects with an error that has the `response`
 * when the handshake is refused.
 */
export async function injectWS(
  app: INestApplication,
  path: string,
  options?: InjectOptions,
): Promise<InjectedSocket> {
  await app.init()
  return inject(app.getHttpServer(), path, options)
}
