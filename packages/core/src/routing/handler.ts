import type { IncomingMessage } from 'node:http'
import type { ConnectionHooks } from '../websocket/hooks.ts'
import type { MessageMode } from '../websocket/message-mode.ts'
import type { Handling } from '../websocket/opening.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { suggestion } from './nearest-name.ts'
import type { UpgradeRejection } from './upgrade-rejection.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/**
 * Runs once per connection, after the 101. Messages are held until it listens for them, whether it is async or not.
 * What it throws, or rejects with, goes to the application's error path and closes with 1011.
 */
export type HandlerFunction<Data = unknown, Request extends IncomingMessage = UpgradeRequest> = (
  socket: WebSocket<Data>,
  request: Request,
) => unknown

/** What an `upgrade` hook says: the data of the connection, or the response instead of it. */
export type Decided<Data> = Data | Response | UpgradeRejection

/** What is called for a route's connections; at least one of them. */
export interface HandlerHooks<Data = unknown, Request extends IncomingMessage = UpgradeRequest>
  extends ConnectionHooks<Data> {
  /**
   * Runs before the 101 and decides: what it returns becomes `socket.data`; a `Response` or an `UpgradeRejection`,
   * thrown or returned, becomes the HTTP response; so does a thrown error with a `status` from 400 to 599. Any other
   * throw answers 500. `headers` go on the 101, `Set-Cookie` for example.
   */
  upgrade?(request: Request, headers: Headers): Decided<Data> | PromiseLike<Decided<Data>>
}

/** What serves a route: a function, or an object of hooks. */
export type Handler<Data = unknown, Request extends IncomingMessage = UpgradeRequest> =
  | HandlerFunction<Data, Request>
  | HandlerHooks<Data, Request>

/** A handler, read once when its route is registered. */
export interface ResolvedHandler<Data, Request extends IncomingMessage> {
  readonly handling: Handling<Data>
  readonly upgrade: HandlerHooks<Data, Request>['upgrade']
  readonly start: HandlerFunction<Data, Request> | undefined
}

const HOOKS = [
  'upgrade',
  'open',
  'message',
  'stream',
  'drain',
  'close',
  'error',
] as const satisfies (keyof HandlerHooks)[]
const FORMS = 'a function (socket, request) => …, or an object of hooks such as { message(socket, data) {} }'

/** Gives hooks that are written apart from their route the types they would have there. */
export function defineHandler<Data = undefined, Request extends IncomingMessage = UpgradeRequest>(
  hooks: HandlerHooks<Data, Request>,
): HandlerHooks<Data, Request> {
  return hooks
}

/** Throws a `TypeError` that says what to write instead, when `handler` is not one. */
export function resolveHandler<Data, Request extends IncomingMessage>(
  handler: Handler<Data, Request>,
): ResolvedHandler<Data, Request> {
  if (typeof handler === 'function') {
    checkFunction('The handler', handler)
    return { handling: { hooks: {}, delivery: 'listeners' }, upgrade: undefined, start: handler }
  }
  checkHooks(handler)
  return {
    handling: { hooks: handler, delivery: 'hooks', messages: modeOf(handler) },
    upgrade: handler.upgrade?.bind(handler),
    start: handler.open?.bind(handler),
  }
}

/** What the hooks say of how messages are delivered, if they say it. */
function modeOf({
  message,
  stream,
}: Pick<ConnectionHooks<never>, 'message' | 'stream'>): MessageMode | undefined {
  if (message && stream) {
    throw new TypeError(
      'The hooks message and stream both take messages; leave one of them out: message gets them whole, stream while they arrive',
    )
  }
  if (stream) return 'streamed'
  return message && 'whole'
}

function checkHooks(handler: unknown): void {
  if (typeof handler !== 'object' || handler === null || Array.isArray(handler)) {
    throw new TypeError(`The handler must be ${FORMS}; it is ${describe(handler)}`)
  }
  if (handler instanceof Promise)
    throw new TypeError('The handler is a promise; await it, and pass what it gives')
  checkNames(handler)
  const hooks = handler as Record<string, unknown>
  const given = HOOKS.filter((name) => hooks[name] !== undefined)
  if (given.length === 0) throw new TypeError(`The handler has no hook; give it one of ${HOOKS.join(', ')}`)
  for (const name of given) checkFunction(`The hook ${name}`, hooks[name])
}

/** An instance of a class may have fields beside its hooks; a plain object has nothing but hooks. */
function checkNames(handler: object): void {
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(handler))
  const unknown = Object.keys(handler).find((name) => !HOOKS.some((hook) => hook === name))
  if (!isPlain || unknown === undefined) return
  throw new TypeError(`The handler has an unknown hook, ${unknown}${suggestion(unknown, HOOKS)}`)
}

function checkFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${what} must be a function; it is ${describe(value)}`)
  if (/Generator/.test(Object.prototype.toString.call(value))) {
    throw new TypeError(
      `${what} is a generator, which nothing would run; ` +
        'write an async function with "for await (const message of socket)" inside',
    )
  }
  if (/^class\b/.test(Function.prototype.toString.call(value))) {
    throw new TypeError(`${what} is the class ${value.name}; write new ${value.name}()`)
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
