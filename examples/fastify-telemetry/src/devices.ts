import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Board } from './board.ts'
import { type Device, Measurement, Receipt } from './measurements.ts'

/**
 * The WebSocket route of the devices. Whoever has no token is answered 401, before the 101; a message that is no
 * measurement is answered with an error, and the connection stays open.
 */
export const devices: FastifyPluginAsyncTypebox<{ board: Board }> = async (app, { board }) => {
  app.ws(
    '/measurements',
    {
      onRequest: async (request) => void (await request.jwtVerify()),
      schema: { message: Measurement, reply: Receipt },
      maxPayload: 1024,
      messageRate: 20,
    },
    (socket, request) => {
      const { id, name, unit } = request.user as Device
      socket.on('message', ({ sequence, value }) => {
        board.record({ id, name, unit }, value)
        socket.send({ received: sequence })
      })
    },
  )
}
