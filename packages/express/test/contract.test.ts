import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import {
  type ContractApplication,
  type ContractHarness,
  describeContract,
  type Step,
} from '@upwire/testkit/contract'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { upwire } from '../src/index.ts'
import { EXPRESSES } from './harness.ts'

function middleware(step: Step): RequestHandler {
  return (request, response, next) => {
    const answer = step(request, (name, value) => response.append(name, value))
    const conclude = (answer: Awaited<ReturnType<Step>>) => {
      if (!answer) return next()
      const { status, headers = {}, body = '' } = answer
      response.status(status).set(headers).end(body)
    }
    if (answer instanceof Promise) answer.then(conclude, next)
    else conclude(answer)
  }
}

/** The application's own requests are served, unless it is given the server of another. */
function serverFor(app: Express, { server, tls }: ContractApplication) {
  if (server) return server
  return tls ? createSecureServer(tls, app) : createServer(app)
}

const harnessOf = (express: () => Express): ContractHarness => ({
  plainRequestStatus: 426,
  async start(application) {
    const { routes, pages = [], before = [], options, shutdown } = application
    const errors: unknown[] = []
    const app = upwire(express(), options)
    for (const step of before) app.use(middleware(step))
    for (const { path, handler, options = {}, before = [] } of routes) {
      app.ws(path, options, ...before.map(middleware), handler)
    }
    for (const { path, body, ready } of pages) {
      app.get(path, (_request, response) => void Promise.resolve(ready).then(() => response.send(body)))
    }
    const noteError: ErrorRequestHandler = (error, _request, _response, next) => {
      errors.push(error)
      next(error)
    }
    app.use(noteError)

    const server = serverFor(app, application)
    const detach = app.attach(server)
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
    const { clients, publish, stats, close } = app.websockets
    return {
      ...{ server, errors, detach, clients, publish, stats },
      async close() {
        const closed = close(shutdown)
        if (!application.server && server.listening) await once(server.close(), 'close')
        await closed
      },
    }
  },
})

for (const { version, express } of EXPRESSES) describeContract(version, harnessOf(express))
