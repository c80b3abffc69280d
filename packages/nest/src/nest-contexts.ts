import type { CanActivate, INestApplicationContext } from '@nestjs/common'
import { MetadataScanner } from '@nestjs/core'
import type { GlobalEnhancersAt } from './adapter-options.ts'
import { HandshakeGuards } from './handshake-guards.ts'
import { controllerOf, internals, makesScopedGateways, PARAMS } from './nest-internals.ts'
import type {
  Application,
  Callback,
  ContextCreator,
  EnhancerCreator,
  ExceptionsHandler,
  Filter,
  FilteringHandler,
  FiltersContext,
  MessageHandler,
  Module,
  RegisteredGateway,
  ScopingController,
  Wrapper,
} from './nest-types.ts'
import { GUARDED_UPGRADE, type UpgradeGuard } from './upgrade-guards.ts'

/** Asks guards, given what they know as request and response. */
export type AskGuards = (args: unknown[]) => Promise<boolean>

/** What Nest puts around handlers, of one path: where its answers go, and whether what is global applies too. */
export class NestContexts {
  readonly #app: Application
  readonly #creator: ContextCreator
  /** Nest's own for gateways that are scoped, but with the parts of ours around each handler. Nest 11 has none. */
  readonly #scoping: ScopingController | undefined
  readonly #reply: (client: unknown, event: string, data: unknown) => void
  readonly #onFault: (error: unknown) => void
  readonly #globalEnhancers: readonly GlobalEnhancersAt[]

  constructor(
    app: INestApplicationContext,
    options: {
      readonly globalEnhancers: readonly GlobalEnhancersAt[]
      readonly reply: (client: unknown, event: string, data: unknown) => void
      /** Told what a filter throws, or rejects with. */
      readonly onFault: (error: unknown) => void
    },
  ) {
    const controller = controllerOf(app)
    this.#app = internals(app)
    this.#reply = options.reply
    this.#onFault = options.onFault
    this.#globalEnhancers = options.globalEnhancers
    this.#creator = this.#remake(controller.contextCreator)
    if (makesScopedGateways(controller)) this.#scoping = withParts(controller, this.#creator)
  }

  /** Throws a TypeError for a gateway that this version of Nest does not construct. */
  checkScope({ metatype, wrapper }: RegisteredGateway): void {
    if (this.#scoping || wrapper.isDependencyTreeStatic()) return
    throw new TypeError(
      `${metatype.name}, or what it needs or is bound to it, has the scope of a request, and Nest 11 does not construct ` +
        'such gateways; write @Injectable({ scope: Scope.REQUEST }) on guards of @UseUpgradeGuards that need what is scoped',
    )
  }

  /** A handler with all that is bound to it, called with `(client, data, event)`; it never throws or rejects. */
  bind({ instance, moduleKey, wrapper }: RegisteredGateway, handler: MessageHandler): Callback {
    const { methodName, callback } = handler
    const scoped = this.#scoped(wrapper)
    if (!scoped) return this.#creator.create(instance, callback, moduleKey, methodName)
    return scoped.createRequestScopedHandler(wrapper, this.#moduleOf(moduleKey), moduleKey, methodName)
  }

  /** A lifecycle hook of a gateway; undefined where it has none. */
  bindHook(
    gateway: RegisteredGateway,
    name: 'handleConnection' | 'handleDisconnect',
    server: unknown,
  ): Callback | undefined {
    const hook: unknown = Reflect.get(gateway.instance, name)
    if (typeof hook !== 'function') return undefined
    const scoped = this.#scoped(gateway.wrapper)
    if (scoped) return this.#bindScoped(gateway, scoped, name, server)
    return this.#bindParams(gateway, name, hook as Callback)
  }

  /** As Nest does it, but that what the hook throws is told. */
  #bindScoped(
    gateway: RegisteredGateway,
    controller: ScopingController,
    name: string,
    server: unknown,
  ): Callback {
    const { instance, moduleKey, wrapper } = gateway
    const module = this.#moduleOf(moduleKey)
    const isDurable = wrapper.isDependencyTreeDurable()
    return async (...args) => {
      const context = controller.getContextId(args[0], isDurable)
      const scoped = await controller.injector.loadPerContext(instance, module, module.providers, context)
      controller.assignServerToProperties(scoped, server)
      return Reflect.apply(Reflect.get(scoped, name), scoped, args)
    }
  }

  /** Hooks are called as they are, unless their parameters have decorators. */
  #bindParams({ instance, metatype, moduleKey }: RegisteredGateway, name: string, hook: Callback): Callback {
    if (!Reflect.hasMetadata(PARAMS, metatype, name)) return (...args) => Reflect.apply(hook, instance, args)
    const { argsLength, getParamsMetadata } = this.#creator.getMetadata(instance, name, 'ws')
    const applyPipes = this.#creator.createPipesFn([], getParamsMetadata(moduleKey))
    return async (...args) => {
      const made = new Array<unknown>(argsLength)
      await applyPipes?.(made, ...args, name)
      return Reflect.apply(hook, instance, made)
    }
  }

  /** How to make the arguments of a handler to which nothing is bound; undefined where something is. */
  plainParams(gateway: RegisteredGateway, { methodName, callback }: MessageHandler) {
    const { instance, moduleKey, wrapper } = gateway
    if (!wrapper.isDependencyTreeStatic()) return
    const { pipesContextCreator, guardsContextCreator, interceptorsContextCreator } = this.#creator
    const creators = [pipesContextCreator, guardsContextCreator, interceptorsContextCreator]
    if (creators.some((creator) => creator.create(instance, callback, moduleKey).length > 0)) return
    const { argsLength, getParamsMetadata } = this.#creator.getMetadata(instance, methodName, 'ws')
    const params = getParamsMetadata(moduleKey)
    const isPlain = params.every(({ type, pipes }) => typeof type === 'number' && pipes.length === 0)
    return isPlain ? { argsLength, params } : undefined
  }

  /** Whether a handler runs inside interceptors, and so only when what it gives is subscribed to. */
  isIntercepted({ instance, moduleKey }: RegisteredGateway, { callback }: MessageHandler): boolean {
    return this.#creator.interceptorsContextCreator.create(instance, callback, moduleKey).length > 0
  }

  /** The filters of a method, and how to give it an exception: with the arguments it was called with. */
  exceptionsHandler({ instance, moduleKey }: RegisteredGateway, callback: Callback) {
    const handler = this.#creator.exceptionFiltersContext.create(instance, callback, moduleKey)
    return (error: unknown, args: unknown[]): void => {
      const host = this.#creator.guardsConsumer.createContext(args, instance, callback)
      host.setType('ws')
      handler.handle(error, host)
    }
  }

  /** How to ask the guards of an opening handshake. Undefined for none. */
  upgradeGuards(gateway: RegisteredGateway, first: readonly UpgradeGuard[]): AskGuards | undefined {
    const { instance } = gateway
    const guards = new HandshakeGuards(this.#app, gateway)
    guards.addProvided(first)
    if (this.#hasGlobals('upgrade')) guards.addGlobal()
    guards.addOwn()
    if (guards.isEmpty) return undefined
    const handler: Callback =
      Reflect.get(instance, 'handleConnection') ?? Reflect.get(instance, GUARDED_UPGRADE) ?? unguarded
    const { guardsConsumer } = this.#creator
    const ask = (made: CanActivate[], args: unknown[]): Promise<boolean> =>
      guardsConsumer.tryActivate(made, args, instance, handler, 'http')
    const { shared } = guards
    if (shared) return (args) => ask(shared, args)
    return async (args) => ask(await guards.for(Object(args[0])), args)
  }

  /** Whether a parameter of the gateway's methods is made by one of these functions. */
  reads({ instance, metatype }: RegisteredGateway, readers: readonly unknown[]): boolean {
    const methods = new MetadataScanner().getAllMethodNames(Object.getPrototypeOf(instance))
    return methods.some((method) =>
      Object.values<{ factory?: unknown }>(Reflect.getMetadata(PARAMS, metatype, method) ?? {}).some(
        ({ factory }) => readers.includes(factory),
      ),
    )
  }

  #remake(nest: ContextCreator): ContextCreator {
    const filters: FiltersContext = Object.create(nest.exceptionFiltersContext, {
      create: { value: (...args: Parameters<FiltersContext['create']>) => this.#createFilters(nest, args) },
    })
    return construct(nest, [
      nest.wsProxy,
      filters,
      this.#configured(nest.pipesContextCreator),
      nest.pipesConsumer,
      this.#configured(nest.guardsContextCreator),
      nest.guardsConsumer,
      this.#configured(nest.interceptorsContextCreator),
      nest.interceptorsConsumer,
    ])
  }

  /** Nest 12 knows the application's configuration here, Nest 11 does not. */
  #configured(creator: EnhancerCreator): EnhancerCreator {
    const { container } = this.#app
    return this.#hasGlobals('messages')
      ? construct(creator, [container, container.applicationConfig])
      : creator
  }

  #createFilters(nest: ContextCreator, args: Parameters<FiltersContext['create']>): ExceptionsHandler {
    const context = nest.exceptionFiltersContext
    const handler = context.create(...args)
    const global = this.#hasGlobals('messages')
      ? [...context.createConcreteContext(this.#app.container.applicationConfig.getGlobalFilters())].reverse()
      : []
    const filters = [...(handler.filters ?? []), ...global]
    handler.setCustomFilters(filters.map((filter) => ({ ...filter, func: this.#contain(filter.func) })))
    return this.#answerThrough(handler)
  }

  /** Both ways in which Nest says an exception to the client lead to `reply`. */
  #answerThrough(handler: FilteringHandler): ExceptionsHandler {
    const emits = handler.emitMessage === undefined
    handler.emitMessage = (client, event, payload) => this.#reply(client, event, payload)
    return {
      handle: this.#contain((error, host) => {
        if (emits) this.#listenForExceptions(host)
        handler.handle(error, host)
      }),
    }
  }

  /** In Nest 11. There once a peer has caused an exception, since a filter may answer at any later time. */
  #listenForExceptions(host: unknown): void {
    const [client] = (host as { getArgs(): unknown[] }).getArgs()
    const socket = client as Pick<NodeJS.EventEmitter, 'on' | 'listenerCount'>
    if (socket.listenerCount('exception') > 0) return
    socket.on('exception', (payload) => this.#reply(client, 'exception', payload))
  }

  #contain(filter: Filter['func']): (error: unknown, host: unknown) => void {
    return (error, host) => {
      try {
        Promise.resolve(filter(error, host)).catch(this.#onFault)
      } catch (fault) {
        this.#onFault(fault)
      }
    }
  }

  #hasGlobals(place: GlobalEnhancersAt): boolean {
    return this.#globalEnhancers.includes(place)
  }

  #scoped(wrapper: Wrapper): ScopingController | undefined {
    return wrapper.isDependencyTreeStatic() ? undefined : this.#scoping
  }

  #moduleOf(moduleKey: string): Module {
    return this.#app.container.getModules().get(moduleKey)!
  }
}

function unguarded(): void {}

/** `controller`, but that handlers and what fails before them go through `creator` and its filters. */
function withParts(controller: ScopingController, creator: ContextCreator): ScopingController {
  return Object.create(controller, {
    contextCreator: { value: creator },
    exceptionFiltersContext: { value: creator.exceptionFiltersContext },
    exceptionFiltersCache: { value: new WeakMap() },
  })
}

/** Another one of the class of `like`. */
function construct<Like extends object>(like: Like, args: unknown[]): Like {
  return Reflect.construct(like.constructor, args)
}
