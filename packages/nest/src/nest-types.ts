/** What `nest-internals.ts` knows of Nest, as types: no more of each than is used. */
import type { CanActivate, INestApplicationContext, Type, VersioningType } from '@nestjs/common'
import type { ContextId } from '@nestjs/core'

/** What may be bound to a handler. */
export type Enhancers = readonly unknown[]

export interface EnhancerCreator {
  create(instance: object, callback: Callback, moduleKey: string): Enhancers
}

/** One parameter of a handler. */
export interface Param {
  readonly index: number
  /** A number for Nest's own decorators, text for those made with `createParamDecorator`. */
  readonly type: number | string
  readonly pipes: Enhancers
  extractValue(...args: unknown[]): unknown
}

/** Runs the filters of a handler, and Nest's own answer behind them. */
export interface ExceptionsHandler {
  handle(error: unknown, host: unknown): void
}

export interface FilteringHandler extends ExceptionsHandler {
  filters?: readonly Filter[]
  setCustomFilters(filters: readonly Filter[]): void
  emitMessage?(client: unknown, event: string, payload: unknown): void
}

export interface Filter {
  readonly func: (error: unknown, host: unknown) => unknown
  readonly exceptionMetatypes: unknown
}

export interface FiltersContext {
  create(instance: object, callback: Callback, moduleKey: string, ...rest: unknown[]): FilteringHandler
  createConcreteContext(filters: Enhancers): readonly Filter[]
}

export interface GuardsConsumer {
  tryActivate(
    guards: Enhancers,
    args: unknown[],
    instance: object,
    callback: Callback,
    type: string,
  ): Promise<boolean>
  createContext(args: unknown[], instance: object, callback: Callback): { setType(type: string): void }
}

export interface ContextCreator {
  readonly wsProxy: unknown
  readonly exceptionFiltersContext: FiltersContext
  readonly pipesContextCreator: EnhancerCreator
  readonly pipesConsumer: unknown
  readonly guardsContextCreator: EnhancerCreator
  readonly guardsConsumer: GuardsConsumer
  readonly interceptorsContextCreator: EnhancerCreator
  readonly interceptorsConsumer: unknown
  create(instance: object, callback: Callback, moduleKey: string, methodName: string): Callback
  createPipesFn(
    pipes: Enhancers,
    params: readonly Param[],
  ): ((made: unknown[], ...args: unknown[]) => Promise<void>) | null
  getMetadata(
    instance: object,
    methodName: string,
    contextType: string,
  ): { argsLength: number; getParamsMetadata(moduleKey: string): readonly Param[] }
}

export interface Wrapper {
  readonly id: string
  readonly instance: object
  readonly metatype: Type | null
  readonly isNotMetatype: boolean
  readonly isTransient: boolean
  readonly host: Module
  isDependencyTreeStatic(): boolean
  isDependencyTreeDurable(): boolean
  getInstanceByContextId(context: ContextId, inquirerId: string): { readonly instance: unknown }
}

export interface Module {
  readonly providers: ReadonlyMap<unknown, Wrapper>
  /** Guards, pipes, interceptors and filters that something in the module is bound to. */
  readonly injectables: ReadonlyMap<unknown, Wrapper>
  addInjectable(metatype: Type, subtype: 'guard'): Wrapper
}

export interface Injector {
  loadPerContext<Instance>(
    instance: Instance,
    module: Module,
    providers: Module['providers'],
    context: ContextId,
  ): Promise<Instance>
  loadInjectable(wrapper: Wrapper, module: Module, context: ContextId, inquirer: Wrapper): Promise<void>
  /** Which context an instance is kept for: a durable one is kept for the parent. */
  getContextId(context: ContextId, wrapper: Wrapper): ContextId
}

export interface ApplicationConfig {
  getGlobalGuards(): readonly CanActivate[]
  getGlobalRequestGuards(): readonly Wrapper[]
  getGlobalFilters(): Enhancers
  getGlobalPrefix(): string
  getIoAdapter(): unknown
  getVersioning(): { readonly type: VersioningType; readonly prefix?: string | false } | undefined
}

export interface Container {
  readonly applicationConfig: ApplicationConfig
  getModules(): ReadonlyMap<string, Module>
}

export interface SocketsContainer {
  getOneByConfig(options: { port: number; path: unknown }): { readonly server: unknown } | undefined
}

export interface SocketsController {
  readonly contextCreator: ContextCreator
  readonly socketServerProvider: { readonly socketsContainer: SocketsContainer }
}

/** The one of Nest 12, which makes a gateway that is scoped for each client. */
export interface ScopingController extends SocketsController {
  readonly injector: Injector
  createRequestScopedHandler(
    wrapper: Wrapper,
    moduleRef: Module,
    moduleKey: string,
    methodName: string,
  ): Callback
  getContextId(client: unknown, isDurable: boolean): ContextId
  assignServerToProperties(instance: object, server: unknown): void
}

export interface Application extends INestApplicationContext {
  readonly container: Container
  readonly injector: Injector
  readonly isInitialized: boolean
  readonly socketModule?: { readonly webSocketsController?: SocketsController }
}

export type Callback = (...args: unknown[]) => unknown

/** A gateway, as Nest has registered it. */
export interface RegisteredGateway {
  readonly instance: object
  readonly metatype: Type
  readonly moduleKey: string
  readonly port: number
  readonly options: Readonly<Record<string, unknown>>
  readonly wrapper: Wrapper
}

/** A method with `@SubscribeMessage`. */
export interface MessageHandler {
  readonly methodName: string
  readonly callback: Callback
  readonly message: unknown
}
