/**
 * Everything this package knows of Fastify beyond its documentation is in this file.
 *
 * - A request has the context of its route under the symbol `fastify.context`, and there, as `onSend`, all hooks of that
 *   name that hold for the route, each bound to the route's instance; null where there are none.
 * - An instance that is made for a nested context inherits from its parent, symbols included. Its `ready()` is for the time
 *   before the start, and fails later.
 * - An instance has its compilers of schemas in a controller under the symbol `fastify.schemaController`, which makes them
 *   of the shared schemas when Fastify compiles the first schema of the context.
 * - What `Fastify()` was given is under the symbol `fastify.options`: `rewriteUrl` among it and, as `routerOptions`, all
 *   options of the router with their defaults; versions before 5.5 have these beside the others.
 * - Who writes the lines of requests is under the symbol `fastify.logController`, and says which requests have none;
 *   earlier versions have the option `disableRequestLogging` alone.
 * - The servers that listen on further addresses of `localhost` emit their upgrades on the first one, `app.server`.
 */
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaCompiler,
  FastifySerializerCompiler,
  FastifyServerOptions,
} from 'fastify'

export type OnSend = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error?: Error | null, payload?: unknown) => void,
) => unknown

export type FastifyOptions = Pick<FastifyServerOptions, 'rewriteUrl' | 'routerOptions'>

interface Context {
  readonly onSend?: readonly OnSend[] | null
}

interface LogController {
  isLogDisabled(request: FastifyRequest): boolean
}

interface SchemaController {
  setupValidator(serverOptions: unknown): void
  setupSerializer(serverOptions: unknown): void
}

const CONTEXT = 'fastify.context'
const LOG_CONTROLLER = 'fastify.logController'
const OPTIONS = 'fastify.options'
const SCHEMA_CONTROLLER = 'fastify.schemaController'
const NONE: readonly OnSend[] = []
const BOUND = /^(?:bound )+/

/** That of the Fastify whose request was last seen; as a rule there is one. */
let contextSymbol = Symbol()

/** The hooks that Fastify would run before it sends the answer to this request. */
export function onSendHooks(request: FastifyRequest): readonly OnSend[] {
  if (!(contextSymbol in request)) contextSymbol = symbolOf(request, CONTEXT) ?? contextSymbol
  const context: Context | undefined = Reflect.get(request, contextSymbol)
  return context?.onSend ?? NONE
}

/** What `Fastify()` was given. */
export function optionsOf(instance: FastifyInstance): FastifyOptions {
  return (behindSymbol(instance, OPTIONS) ?? {}) as FastifyOptions
}

/** Resolves when the application is ready, after all its onReady hooks; rejects when it cannot start. */
export async function ready(instance: FastifyInstance): Promise<void> {
  await applicationOf(instance).ready()
}

function applicationOf(instance: FastifyInstance): FastifyInstance {
  const parent = Object.getPrototypeOf(instance)
  return parent === Object.prototype ? instance : applicationOf(parent)
}

/** The name a hook was declared with. */
export function hookName(hook: OnSend): string {
  return hook.name.replace(BOUND, '')
}

/** What checks the schemas of a context whose plugins are all there: the compiler it was given, or Fastify's. */
export function validatorCompilerOf(instance: FastifyInstance): FastifySchemaCompiler<unknown> {
  schemaControllerOf(instance)?.setupValidator(optionsOf(instance))
  return found(instance.validatorCompiler)
}

/** What serialises by the schemas of a context whose plugins are all there: the compiler it was given, or Fastify's. */
export function serializerCompilerOf(instance: FastifyInstance): FastifySerializerCompiler<unknown> {
  schemaControllerOf(instance)?.setupSerializer(optionsOf(instance))
  return found(instance.serializerCompiler)
}

function schemaControllerOf(instance: FastifyInstance): SchemaController | undefined {
  return behindSymbol(instance, SCHEMA_CONTROLLER) as SchemaController | undefined
}

function found<Compiler>(compiler: Compiler | undefined): Compiler {
  if (compiler) return compiler
  throw new Error('This version of Fastify keeps its compilers elsewhere: give the instance one of its own')
}

/** What says of a request whether the application wants no lines of it. */
export function logSwitchOf(instance: FastifyInstance): (request: FastifyRequest) => boolean {
  const controller = behindSymbol(instance, LOG_CONTROLLER) as LogController | undefined
  if (controller) return (request) => controller.isLogDisabled(request)
  const { disableRequestLogging: isDisabled = false } = instance.initialConfig
  return typeof isDisabled === 'function' ? isDisabled : () => isDisabled
}

/** Of the nearest object in the chain of prototypes that has it. */
function behindSymbol(object: object | null, description: string): unknown {
  if (object === null) return undefined
  const symbol = symbolOf(object, description)
  return symbol ? Reflect.get(object, symbol) : behindSymbol(Object.getPrototypeOf(object), description)
}

function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description)
}
