import type { INestApplication } from '@nestjs/common'
import { type HttpServer, type InjectedSocket, type InjectOptions, inject } from '@upwire/core/internal'
import { UpwireAdapter } from './adapter.ts'
import { internals } from './nest-internals.ts'

/**
 * Opens a connection to a gateway without a port: `await injectWS(app, '/rooms/1', { headers })`. The application is
 * initialized, if it is not; it need not listen. It goes the whole way, through middleware and guards. Resolves with the
 * client's end when it is open, whose `next()` gives the next message; rejects with an error that has the `response`
 * when the handshake is refused, and with a TypeError for an application that has no gateways.
 */
export async function injectWS(
  app: INestApplication,
  path: string,
  options?: InjectOptions,
): Promise<InjectedSocket> {
  const { applicationConfig } = internals(app).container
  if (!(applicationConfig.getIoAdapter() instanceof UpwireAdapter)) {
    throw new TypeError('injectWS takes an application with app.useWebSocketAdapter(new UpwireAdapter(app))')
  }
  await app.init()
  const server: HttpServer = app.getHttpServer()
  if (server.listenerCount('upgrade') === 0) {
    throw new TypeError(
      'injectWS takes an application with gateways, and this one has none but on ports of their own',
    )
  }
  return inject(server, path.replace(/^(?!\/)/, '/'), options)
}
