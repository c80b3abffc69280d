import {
  type ContractHarness,
  type ContractPage,
  describeContract,
  type SetHeader,
  type Step,
} from '@upwire/testkit/contract'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type preHandlerAsyncHookHandler,
} from 'fastify'
import { upwire, type WebSocketHandler, type WebSocketRouteOptions } from '../src/index.ts'

function hookFor(step: Step): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    const answer = await step(request as Parameters<Step>[0], appendTo(reply))
    if (!answer) return
    const { status, headers = {}, body = '' } = answer
    return reply.code(status).headers(headers).send(body)
  }
}

/** Fastify appends to Set-Cookie alone. */
function appendTo(reply: FastifyReply): SetHeader {
  return (name, value) => {
    const earlier = name.toLowerCase() === 'set-cookie' ? [] : [reply.getHeader(name) ?? []].flat()
    reply.header(name, [...earlier, value])
  }
}

function showPage({ body, ready }: ContractPage): () => Promise<string> {
  return async () => {
    await ready
    return body
  }
}

const harness: ContractHarness = {
  plainRequestStatus: 426,
  lacks: {
    'closed options': 'plugins of Fastify add options of routes, which lie beside those of ws()',
  },
  async start(application) {
    const { routes, pages = [], before = [], options, shutdown, tls, server } = application
    const errors: unknown[] = []
    const app: FastifyInstance = Fastify(tls ? ({ https: tls } as object) : {})
    await app.register(upwire, {
      ...(options as WebSocketRouteOptions),
      shutdown,
      server,
      errorHandler: (error) => void errors.push(error),
    })
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      errors.push(error)
      reply.send(error)
    })
    for (const step of before) app.addHook('onRequest', hookFor(step))
    for (const { path, handler, options = {}, before = [] } of routes) {
      const page = pages.find((page) => page.path === path)
      const own = { preHandler: before.map(hookFor), ...(page && { handler: showPage(page) }) }
      app.ws(
        path,
        { ...(options as WebSocketRouteOptions<undefined>), ...own },
        handler as WebSocketHandler<undefined>,
      )
    }
    for (const page of pages) {
      if (!app.hasRoute({ method: 'GET', url: page.path })) app.get(page.path, showPage(page))
    }
    if (server) await app.ready()
    else await app.listen({ port: 0, host: '127.0.0.1' })
    const { websocketServer } = app
    return {
      server: server ?? app.server,
      clients: websocketServer.clients,
      errors,
      publish: (topic, data) => websocketServer.publish(topic, data),
      stats: () => websocketServer.stats(),
      close: () => app.close(),
      detach: () => websocketServer.detach(),
    }
  },
}

describeContract('Fastify', harness)
