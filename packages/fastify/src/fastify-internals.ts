/**
 * Everything this package knows of Fastify beyond its documentation is in this file.
 *
 * - A request has the context of its route under the symbol `fastify.context`, and there, as `onSend`, all hooks of that
 *   name that hold for the route, each bound to the route's instance; null where there are none.
 * - An instance that is made for a nested context inherits from its parent, symbols included.
 * - The servers that listen on further addresses of `localhost` emit their upgrades on the first one, `app.server`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'

export type OnSend = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error?: Error | null, payload?: unknown) => void,
) => unknown

interface Context {
  readonly onSend?: readonly OnSend[] | null
}

const CONTEXT = 'fastify.context'
const NONE: readonly OnSend[] = []
const BOUND = /^(?:bound )+/

/** That of the Fastify whose request was last seen; as a rule there is one. */
let contextSymbol = Symbol()

/** The hooks that Fastify would run before it sends the answer to this request. */
export function onSendHooks(request: FastifyRequest): readonly OnSend[] {
  if (!(contextSymbol in request)) contextSymbol = contextSymbolOf(request)
  const context: Context | undefined = Reflect.get(request, contextSymbol)
  return context?.onSend ?? NONE
}

function contextSymbolOf(request: FastifyRequest): symbol {
  const symbols = Object.getOwnPropertySymbols(request)
  return symbols.find(({ description }) => description === CONTEXT) ?? contextSymbol
}

/** The name a hook was declared with. */
export function hookName(hook: OnSend): string {
  return hook.name.replace(BOUND, '')
}
