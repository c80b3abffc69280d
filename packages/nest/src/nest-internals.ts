/**
 * What this package knows of Nest beyond its documentation is told here; its types are in `nest-types.ts`. The tests run it
 * on Nest 11 and 12.
 *
 * - An application has its `container`, of modules with their providers; a provider's `metatype` is its class.
 * - `@WebSocketGateway` leaves `websockets:is_gateway`, `port` and `websockets:gateway_options` on the class;
 *   `@SubscribeMessage` leaves `websockets:message_mapping` and `message` on the method.
 * - While gateways are registered, `socketModule.webSocketsController.contextCreator` is what puts guards, pipes,
 *   interceptors and filters around a handler. Its parts are made again, from their own classes, where other parts are
 *   wanted: those that know the application's configuration apply what is global, the others do not.
 * - In Nest 12 the `createRequestScopedHandler` of that controller runs a handler by its `contextCreator`. What fails before
 *   that, it gives to filters of its `exceptionFiltersContext`, kept by method in its `exceptionFiltersCache`.
 * - A module's `injectables` are the classes of its enhancers. What is bound to a gateway and scoped makes the gateway scoped.
 *   Nest 12 makes such a gateway for each connection; Nest 11 never calls its constructor.
 * - `injector` makes what is scoped for a context, an object that stands for a request. `@Injectable` leaves the scope
 *   in `scope:options`.
 * - `socketServerProvider.socketsContainer` keeps the server that an adapter has made for a port and a path, which are
 *   those that the decorator has. When an adapter is asked to bind a gateway, the server of that gateway is there.
 * - Nest 11 answers an exception by `emit('exception', …)`, which no peer hears of; Nest 12 has `emitMessage` for that.
 */
import { type INestApplicationContext, Scope, type Type, VersioningType } from '@nestjs/common'
import { MetadataScanner } from '@nestjs/core'
import type {
  Application,
  Callback,
  MessageHandler,
  RegisteredGateway,
  ScopingController,
  SocketsController,
  Wrapper,
} from './nest-types.ts'

const GATEWAY = 'websockets:is_gateway'
const GATEWAY_OPTIONS = 'websockets:gateway_options'
const PORT = 'port'
const IS_HANDLER = 'websockets:message_mapping'
const MESSAGE = 'message'
const SCOPE = 'scope:options'
/** Where the decorators of a method's parameters leave what they say, on the class. */
export const PARAMS = '__routeArguments__'

/** Whether everything of the application is registered: before that, its middleware may be missing. */
export function isInitialized(app: INestApplicationContext): boolean {
  return internals(app).isInitialized
}

/** What `app.setGlobalPrefix` was called with, or an empty string. */
export function globalPrefixOf(app: INestApplicationContext): string {
  return internals(app).container.applicationConfig.getGlobalPrefix()
}

/**
 * How a version is written in a path, `v1`; an empty string where the application has no versions. Throws a TypeError where
 * versions are somewhere else.
 */
export function versionPrefixOf(app: INestApplicationContext, version: unknown): string {
  const versioning = internals(app).container.applicationConfig.getVersioning()
  if (version === undefined || !versioning) return ''
  if (typeof version !== 'string') {
    throw new TypeError(`Option version must be a string, such as '1', not ${JSON.stringify(version)}`)
  }
  if (versioning.type !== VersioningType.URI) {
    throw new TypeError(
      `Option version is '${version}', but this application has no versions in paths, and pages send no others with a ` +
        'handshake; leave it out, or use VersioningType.URI',
    )
  }
  return `${versioning.prefix === false ? '' : (versioning.prefix ?? 'v')}${version}`
}

/** What some module provides by a token. An application's own `get` ends the process where there is nothing. */
export function findProvided<Value>(app: INestApplicationContext, token: unknown): Value | undefined {
  return findWrapper(app, token)?.instance as Value | undefined
}

/** How some module provides a token. */
export function findWrapper(app: INestApplicationContext, token: unknown): Wrapper | undefined {
  const modules = [...internals(app).container.getModules().values()]
  return modules.map(({ providers }) => providers.get(token)).find((found) => found !== undefined)
}

/** What the decorator of a class says of its scope. */
export function scopeOf(metatype: Type): Scope {
  return Reflect.getMetadata(SCOPE, metatype)?.scope ?? Scope.DEFAULT
}

/** The gateways of an application, in the order in which Nest registers them. */
export function findGateways(app: INestApplicationContext): RegisteredGateway[] {
  const modules = [...internals(app).container.getModules()]
  return modules.flatMap(([moduleKey, { providers }]) =>
    [...providers.values()].flatMap((wrapper) => {
      const { instance, metatype, isNotMetatype } = wrapper
      if (isNotMetatype || !metatype || !Reflect.getMetadata(GATEWAY, metatype)) return []
      const port: number = Reflect.getMetadata(PORT, metatype) || 0
      const options = Reflect.getMetadata(GATEWAY_OPTIONS, metatype) || {}
      return [{ instance, metatype, moduleKey, port, options, wrapper }]
    }),
  )
}

/** The gateways for which Nest was given this server by the adapter. */
export function gatewaysOf(app: INestApplicationContext, server: object): RegisteredGateway[] {
  const { socketsContainer } = controllerOf(app).socketServerProvider
  return findGateways(app).filter(({ port, options: { path } }) => {
    return socketsContainer.getOneByConfig({ port, path })?.server === server
  })
}

/** The methods of a gateway that take messages: of two for the same one, the later. */
export function messageHandlers({ instance }: RegisteredGateway): MessageHandler[] {
  const prototype = Object.getPrototypeOf(instance)
  const handlers = new Map<unknown, MessageHandler>()
  for (const methodName of new MetadataScanner().getAllMethodNames(prototype)) {
    const callback: Callback = prototype[methodName]
    if (Reflect.getMetadata(IS_HANDLER, callback) === undefined) continue
    const message: unknown = Reflect.getMetadata(MESSAGE, callback)
    handlers.set(message, { methodName, callback, message })
  }
  return [...handlers.values()]
}

/** What registers the gateways of an application, while it does. */
export function controllerOf(app: INestApplicationContext): SocketsController {
  const controller = internals(app).socketModule?.webSocketsController
  if (controller) return controller
  throw new Error('UpwireAdapter: this version of Nest registers gateways in a way that is not known here')
}

export function makesScopedGateways(controller: SocketsController): controller is ScopingController {
  return 'createRequestScopedHandler' in controller
}

/** An application, with what its types do not tell. */
export function internals(app: INestApplicationContext): Application {
  return app as unknown as Application
}
