import type { WebSocket } from '@upwire/core'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { describe, expectTypeOf, it } from 'vitest'
import { type RouteRequest, upwire, type WebSocketApplication, type WebSocketRoutes } from '../src/index.ts'

const authenticate: RequestHandler = (_request, _response, next) => next()

describe('the types', () => {
  const app = upwire(express())

  it('add to those of the application and of the router', () => {
    expectTypeOf(app).toExtend<express.Express & WebSocketApplication>()
    expectTypeOf(app.use(authenticate)).toEqualTypeOf(app)
    const router = upwire(express.Router())
    expectTypeOf(router).toExtend<express.Router & WebSocketRoutes>()
    expectTypeOf(router.ws('/chat', () => {})).toEqualTypeOf(router)
    expectTypeOf(router).not.toHaveProperty('attach')
  })

  it('infer the parameters from the path', () => {
    app.ws('/rooms/:room/seats/:seat', (socket, request) => {
      expectTypeOf(request.params).toExtend<{ room: string; seat: string }>()
      expectTypeOf(request.params).not.toHaveProperty('table')
      expectTypeOf(request.ip).toEqualTypeOf<string | undefined>()
      expectTypeOf(socket.params).toEqualTypeOf<Readonly<Record<string, string>>>()
    })
    app.ws('/', (_socket, request) => expectTypeOf(request.params).not.toHaveProperty('room'))
  })

  it('give middleware the parameters too, also in lists', () => {
    app.ws(
      '/rooms/:room',
      (request, response, next) => {
        expectTypeOf(request.params.room).toBeString()
        expectTypeOf(response).toExtend<Response>()
        next()
      },
      authenticate,
      [authenticate, [authenticate]],
      (socket, request) => {
        expectTypeOf(socket).toEqualTypeOf<WebSocket<undefined>>()
        expectTypeOf(request.params.room).toBeString()
      },
    )
  })

  it('know no parameter of a RegExp, a list or a path that is made up', () => {
    app.ws(/^\/rooms/, (_socket, request) => expectTypeOf(request.params.any).toBeString())
    app.ws(['/a/:id', '/b'], (_socket, request) => expectTypeOf(request).toExtend<Request>())
    app.ws('/a'.concat('/b'), (_socket, request) => expectTypeOf(request).toExtend<Request>())
  })

  it('carry what the upgrade hook returns to the socket', () => {
    app.ws('/rooms/:room', authenticate, {
      async upgrade(request, headers) {
        expectTypeOf(headers).toEqualTypeOf<Headers>()
        return { room: request.params.room, joined: 0 }
      },
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ room: string; joined: number }>()
      },
      message(socket, data) {
        expectTypeOf(socket.data.joined).toBeNumber()
        expectTypeOf(data).toEqualTypeOf<string | Buffer>()
      },
    })
  })

  it('carry what the data option makes to the socket of a function', () => {
    app.ws('/rooms/:room', { data: ({ params }) => params.room.length }, authenticate, (socket) => {
      expectTypeOf(socket.data).toBeNumber()
    })
  })

  it('take hooks that are written apart', () => {
    const hooks = {
      upgrade: ({ params }: RouteRequest<'/rooms/:room'>) => ({ room: params.room }),
      open: (socket: WebSocket<{ room: string }>) => void socket.send(socket.data.room),
    }
    app.ws('/rooms/:room', authenticate, hooks)
  })

  it('refuse what cannot work', () => {
    const refused = () => {
      // @ts-expect-error: there is no handler
      app.ws('/chat')
      // @ts-expect-error: options come first
      app.ws('/chat', authenticate, { maxPayload: 1 }, () => {})
      // @ts-expect-error: the path has no such parameter
      app.ws('/rooms/:room', (_socket, request) => request.params.table.length)
      // @ts-expect-error: there is no such option
      app.ws('/chat', { maxPayLoad: 1 }, () => {})
      // @ts-expect-error: a router counts no connections of its own servers
      upwire(express.Router()).websockets
    }
    expectTypeOf(refused).toBeFunction()
  })
})
