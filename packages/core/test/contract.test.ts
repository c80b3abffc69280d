import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import {
  type ContractApplication,
  type ContractFunction,
  type ContractHarness,
  type ContractHooks,
  type ContractRoute,
  describeContract,
  type Step,
} from '@upwire/testkit/contract'
import { type Handler, UpgradeRejection } from '../src/index.ts'
import { UpgradeRouter } from '../src/server/upgrade-router.ts'

/** What decides before the 101 here is the `upgrade` hook, or the `data` option for a function: the steps run in it. */
async function runSteps(steps: readonly Step[], request: IncomingMessage, headers: Headers): Promise<void> {
  for (const step of steps) {
    const answer = await step(request, (name, value) => headers.append(name, value))
    if (!answer) continue
    const { status, body } = answer
    throw new UpgradeRejection(status, {
      headers: [...headers, ...Object.entries(answer.headers ?? {})],
      body,
    })
  }
}

function addRoute(router: UpgradeRouter, { path, options, handler }: ContractRoute, steps: readonly Step[]) {
  if (steps.length === 0) return router.ws(path, options, handler)
  return typeof handler === 'function'
    ? addFunction(router, path, options, handler, steps)
    : router.ws(path, options, withSteps(handler, steps))
}

function addFunction(
  router: UpgradeRouter,
  path: string,
  options: ContractRoute['options'],
  handler: ContractFunction,
  steps: readonly Step[],
) {
  const data = async (request: IncomingMessage, headers: Headers) => {
    await runSteps(steps, request, headers)
    return options?.data?.(request)
  }
  return router.ws(path, { ...options, data }, handler)
}

function withSteps(hooks: ContractHooks, steps: readonly Step[]): Handler {
  return {
    ...hooks,
    async upgrade(request, headers) {
      await runSteps(steps, request, headers)
      return hooks.upgrade?.(request, headers)
    },
  }
}

function createPages({ pages = [], tls }: ContractApplication): Server {
  const answer = async ({ url }: IncomingMessage, response: ServerResponse) => {
    const page = pages.find(({ path }) => path === url)
    await page?.ready
    response.writeHead(page ? 200 : 404).end(page?.body)
  }
  return tls ? createSecureServer(tls, answer) : createServer(answer)
}

const harness: ContractHarness = {
  plainRequestStatus: 404,
  async start(application) {
    const { routes, before = [], options, shutdown, server = createPages(application) } = application
    const errors: unknown[] = []
    const router = new UpgradeRouter({ ...options, onError: (error) => errors.push(error) })
    for (const route of routes) addRoute(router, route, [...before, ...(route.before ?? [])])
    const detach = router.attach(server)
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
    return {
      server,
      errors,
      detach,
      clients: router.clients,
      publish: (topic, data) => router.publish(topic, data),
      stats: () => router.stats(),
      async close() {
        const closed = router.close(shutdown)
        if (application.server === undefined && server.listening) {
          server.close()
          await once(server, 'close')
        }
        await closed
      },
    }
  },
}

describeContract('core', harness)
