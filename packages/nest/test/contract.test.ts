import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type Type,
  UseFilters,
} from '@nestjs/common'
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core'
import { WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import {
  type Answer,
  type ContractApplication,
  type ContractFunction,
  type ContractHarness,
  type ContractPage,
  type ContractRequest,
  type ContractRoute,
  describeContract,
  type Step,
} from '@upwire/testkit/contract'
import { UpwireAdapter, UseUpgradeGuards } from '../src/index.ts'
import { createTestingApp, PLATFORMS } from './harness.ts'

const LACKS = {
  hooks: 'a gateway is a class; its hooks are handleConnection, handlers and handleDisconnect',
  'own server': 'Nest makes the server of an application',
}

/** What a guard throws whose step has an answer. */
class Answered extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super('A step has answered')
    this.answer = answer
  }
}

/** Asks the steps as a guard does; on both platforms `setHeader` and `appendHeader` of the adapter set headers. */
function guardFor(steps: readonly Step[], adapter: () => HttpAdapterHost['httpAdapter']): CanActivate {
  return {
    async canActivate(context: ExecutionContext) {
      const http = context.switchToHttp()
      const setHeader = (name: string, value: string) =>
        adapter().appendHeader?.(http.getResponse(), name, value)
      for (const step of steps) {
        const answer = await Promise.resolve(step(http.getRequest(), setHeader)).catch(throwAsHttpError)
        if (answer) throw new Answered(answer)
      }
      return true
    },
  }
}

/** Nest 12 knows an error with a status by its `expose` too, which those of http-errors have. */
function throwAsHttpError(error: unknown): never {
  throw Object.hasOwn(Object(error), 'statusCode') ? Object.assign(Object(error), { expose: true }) : error
}

function gatewayFor(
  { path, options, handler, before = [] }: ContractRoute,
  guard: (steps: readonly Step[]) => CanActivate,
  filter: Type<ExceptionFilter>,
): Type {
  if (typeof handler !== 'function') throw new TypeError(LACKS.hooks)
  const serve: ContractFunction = handler

  @UseFilters(filter)
  @UseUpgradeGuards(guard(before))
  @WebSocketGateway({ ...options, path })
  class ContractGateway {
    handleConnection(socket: WebSocket, request: ContractRequest) {
      return serve(socket, request)
    }
  }
  return ContractGateway
}

function controllerFor({ path, body }: ContractPage): Type {
  @Controller()
  class PageController {
    @Get(path)
    page() {
      return body
    }
  }
  return PageController
}

function filterFor(errors: unknown[]) {
  @Catch()
  class NotingFilter extends BaseExceptionFilter {
    override catch(error: unknown, host: ArgumentsHost) {
      if (error instanceof Answered) return this.#answer(error.answer, host)
      errors.push(error)
      if (host.getType() === 'http') super.catch(error, host)
    }

    #answer({ status, headers = {}, body = '' }: Answer, host: ArgumentsHost): void {
      const response = host.switchToHttp().getResponse()
      const adapter = this.httpAdapterHost?.httpAdapter
      for (const [name, value] of Object.entries(headers)) adapter?.setHeader(response, name, value)
      adapter?.reply(response, body, status)
    }
  }
  return NotingFilter
}

const harnessOf = (createPlatform: (typeof PLATFORMS)[number]['createPlatform']): ContractHarness => ({
  plainRequestStatus: 404,
  lacks: LACKS,
  async start(application: ContractApplication) {
    const { routes, pages = [], before = [], options, shutdown, tls, server } = application
    if (server) throw new TypeError(LACKS['own server'])
    const errors: unknown[] = []
    const filter = filterFor(errors)
    let adapterHost: HttpAdapterHost | undefined
    const guard = (steps: readonly Step[]) => guardFor(steps, () => adapterHost!.httpAdapter)
    const app = await createTestingApp(createPlatform(tls), {
      controllers: pages.map(controllerFor),
      gateways: routes.map((route) => gatewayFor(route, guard, filter)),
      providers: [{ provide: APP_FILTER, useClass: filter }],
      httpsOptions: tls,
    })
    adapterHost = app.get(HttpAdapterHost)
    const adapter = new UpwireAdapter(app, { ...options, shutdown, upgradeGuards: [guard(before)] })
    app.useWebSocketAdapter(adapter)
    try {
      await app.listen(0, '127.0.0.1')
    } catch (error) {
      await app.close()
      throw error
    }
    return {
      server: app.getHttpServer(),
      errors,
      get clients() {
        return adapter.clients
      },
      publish: (topic, data) => adapter.publish(topic, data),
      stats: () => adapter.stats(),
      close: () => app.close(),
    }
  },
})

for (const { platform, createPlatform } of PLATFORMS) {
  describeContract(`Nest on ${platform}`, harnessOf(createPlatform))
}
