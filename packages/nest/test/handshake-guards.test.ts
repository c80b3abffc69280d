import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  Scope,
  UnauthorizedException,
} from '@nestjs/common'
import { APP_GUARD, type ContextId, ContextIdFactory, REQUEST } from '@nestjs/core'
import { BaseWsExceptionFilter, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { injectWS, type UpwireAdapterOptions, UseUpgradeGuards } from '@upwire/nest'
import { afterEach, describe, expect, it } from 'vitest'
import { createApp, PLATFORMS, type TestingAppOptions } from './harness.ts'

interface Request {
  readonly url: string
  readonly headers: Record<string, string>
  user?: unknown
}

const made: string[] = []

/** One for each handshake. */
@Injectable({ scope: Scope.REQUEST })
class Visit {
  readonly request: Request

  constructor(@Inject(REQUEST) request: Request) {
    made.push(request.url)
    this.request = request
  }
}

@Injectable({ scope: Scope.REQUEST })
class VisitGuard implements CanActivate {
  readonly visit: Visit

  constructor(@Inject(Visit) visit: Visit) {
    this.visit = visit
  }

  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest()
    if (this.visit.request !== request) throw new Error('REQUEST is another one')
    if (request.headers.token !== 'ada') throw new UnauthorizedException('No such user')
    return true
  }
}

/** Says nothing of its scope. */
@Injectable()
class DependentGuard extends VisitGuard {
  constructor(@Inject(Visit) visit: Visit) {
    super(visit)
  }
}

@UseUpgradeGuards(VisitGuard)
@WebSocketGateway()
class GuardedGateway {
  readonly constructed = true

  @SubscribeMessage('made')
  isConstructed() {
    return this.constructed
  }
}

@WebSocketGateway()
class OpenGateway extends GuardedGateway {}

const headers = { token: 'ada' }

/** Nest 11 never calls the constructor of a gateway that is scoped. */
const hasScopedGateways = 'emitMessage' in BaseWsExceptionFilter.prototype

afterEach(() => {
  made.length = 0
})

describe.each(PLATFORMS)('a guard with the scope of a request, on $platform', ({ createPlatform }) => {
  const create = (options: TestingAppOptions, adapter?: UpwireAdapterOptions) =>
    createApp(createPlatform, { ...options, adapter })

  /** Opens two connections, and sees that each had a guard of its own. */
  async function expectOneEach(options: TestingAppOptions, adapter?: UpwireAdapterOptions) {
    const app = await create(options, adapter)
    await expect(injectWS(app, '/?first')).rejects.toMatchObject({ status: 401 })
    const client = await injectWS(app, '/?second', { headers })
    client.send('{"event":"made"}')
    expect(await client.next()).toBe('true')
    expect(made).toEqual(['/?first', '/?second'])
  }

  it('is made for each handshake, and its gateway once', async () => {
    await expectOneEach({ gateways: [GuardedGateway], providers: [Visit] })
  })

  it('is one with what it depends on, for all gateways of a path', async () => {
    @UseUpgradeGuards(VisitGuard)
    @WebSocketGateway()
    class SecondGateway {}
    await expectOneEach({ gateways: [GuardedGateway, SecondGateway], providers: [Visit] })
  })

  it('may be given to the adapter', async () => {
    @WebSocketGateway()
    class PlainGateway {
      @SubscribeMessage('made')
      answer() {
        return true
      }
    }
    const providers = [Visit, VisitGuard]
    await expectOneEach({ gateways: [PlainGateway], providers }, { upgradeGuards: [VisitGuard] })
  })

  it('may be one of the whole application', async () => {
    @WebSocketGateway()
    class PlainGateway {
      @SubscribeMessage('made')
      answer() {
        return true
      }
    }
    const providers = [Visit, { provide: APP_GUARD, useClass: VisitGuard }]
    await expectOneEach({ gateways: [PlainGateway], providers }, { globalEnhancers: ['upgrade'] })
  })

  it('is durable, where it says so: one for all requests of a tenant', async () => {
    const tenants = new Map<string, ContextId>()
    ContextIdFactory.apply({
      attach(_context, request: { headers: Record<string, string> }) {
        const tenant = request.headers.tenant
        const parent = tenants.get(tenant) ?? ContextIdFactory.create()
        tenants.set(tenant, parent)
        return {
          resolve: ({ isTreeDurable }) => (isTreeDurable ? parent : _context),
          payload: { tenant },
        }
      },
    })
    const asked: unknown[] = []
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class TenantGuard implements CanActivate {
      readonly payload: { readonly tenant: string }

      constructor(@Inject(REQUEST) payload: { tenant: string }) {
        this.payload = payload
        made.push(payload.tenant)
      }

      canActivate() {
        asked.push(this.payload)
        return true
      }
    }
    @UseUpgradeGuards(TenantGuard)
    @WebSocketGateway()
    class TenantGateway {}
    const app = await create({ gateways: [TenantGateway] })
    try {
      for (const tenant of ['blue', 'red', 'blue']) await injectWS(app, '/', { headers: { tenant } })
    } finally {
      Reflect.deleteProperty(ContextIdFactory, 'strategy')
    }
    expect(made).toEqual(['blue', 'red'])
    expect(asked).toEqual([{ tenant: 'blue' }, { tenant: 'red' }, { tenant: 'blue' }])
  })

  it('answers with what its constructor throws', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class StrictGuard implements CanActivate {
      constructor() {
        throw new UnauthorizedException('Not today')
      }

      canActivate() {
        return true
      }
    }
    @UseUpgradeGuards(StrictGuard)
    @WebSocketGateway()
    class StrictGateway {}
    const app = await create({ gateways: [StrictGateway] })
    await expect(injectWS(app, '/')).rejects.toMatchObject({ status: 401 })
  })
})

const [{ createPlatform }] = PLATFORMS

describe('guards of a handshake', () => {
  it('are those of the gateway that a gateway extends, too, and in order', async () => {
    const asked: string[] = []
    const guard = (name: string): CanActivate => ({ canActivate: () => asked.push(name) > 0 })
    @UseUpgradeGuards(guard('base'))
    class BaseGateway {}
    @UseUpgradeGuards(guard('third'))
    @UseUpgradeGuards(guard('second'))
    @WebSocketGateway()
    class ExtendedGateway extends BaseGateway {}
    await injectWS(await createApp(createPlatform, { gateways: [ExtendedGateway] }), '/')
    expect(asked).toEqual(['base', 'second', 'third'])
  })

  it('refuse for a gateway that extends a guarded one', async () => {
    const app = await createApp(createPlatform, { gateways: [OpenGateway], providers: [Visit] })
    await expect(injectWS(app, '/')).rejects.toMatchObject({ status: 401 })
  })

  it('may be transient', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class TransientGuard implements CanActivate {
      readonly isConstructed = true

      canActivate() {
        return this.isConstructed
      }
    }
    @UseUpgradeGuards(TransientGuard)
    @WebSocketGateway()
    class TransientGateway {}
    const app = await createApp(createPlatform, { gateways: [TransientGateway] })
    expect((await injectWS(app, '/')).readyState).toBe(1)
  })

  it('are provided by a module, when the adapter has them', async () => {
    const app = await createApp(createPlatform, {
      gateways: [OpenGateway],
      adapter: { upgradeGuards: [VisitGuard] },
    })
    await expect(app.init()).rejects.toThrow('upgradeGuards has VisitGuard, which no module provides')
  })

  it('make the gateway scoped when they do not say that they are, which Nest 11 does not know', async () => {
    @UseUpgradeGuards(DependentGuard)
    @WebSocketGateway()
    class DependentGateway {}
    const app = await createApp(createPlatform, { gateways: [DependentGateway], providers: [Visit] })
    if (!hasScopedGateways) {
      return expect(app.init()).rejects.toThrow(
        'DependentGateway, or what it needs or is bound to it, has the scope of a request',
      )
    }
    await expect(injectWS(app, '/?first')).rejects.toMatchObject({ status: 401 })
    expect((await injectWS(app, '/?second', { headers })).readyState).toBe(1)
    expect(made).toEqual(['/?first', '/?second'])
  })
})
