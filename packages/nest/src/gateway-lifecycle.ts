import { WsException } from '@nestjs/websockets'
import { CloseCode, type UpgradeRequest, type WebSocket } from '@upwire/core'
import { isThenable } from '@upwire/core/internal'
import type { GatewayServer } from './gateway-server.ts'
import type { NestContexts } from './nest-contexts.ts'
import type { Callback, RegisteredGateway } from './nest-types.ts'

/** A hook of one gateway, and what its exceptions are given to. */
interface Hook {
  readonly run: Callback
  readonly fail: (error: unknown, socket: WebSocket) => void
}

type HookName = 'handleConnection' | 'handleDisconnect'

/** Says that a connection is over before it began; the filters know why. */
export const TURNED_AWAY = new Error('A gateway has turned the connection away')

/** The lifecycle hooks of the gateways of one path. */
export class GatewayLifecycle {
  /** Where exceptions of a connection go that come from no handler: to the first gateway's filters. */
  readonly #report: ((error: unknown, args: unknown[]) => void) | undefined
  readonly #server: GatewayServer
  readonly #connectionHooks: readonly Hook[]
  readonly #disconnectHooks: readonly Hook[]
  /** Connections that are open, or whose `handleDisconnect` is at work. */
  #present = 0
  #announceOver = (): void => {}

  constructor(contexts: NestContexts, gateways: readonly RegisteredGateway[], server: GatewayServer) {
    const hooks = (name: HookName): Hook[] =>
      gateways.flatMap((gateway) => {
        const run = contexts.bindHook(gateway, name, server)
        if (!run) return []
        const handleException = contexts.exceptionsHandler(gateway, handlerOf(gateway, name))
        return [{ run, fail: (error, socket) => handleException(error, [socket, undefined, name]) }]
      })
    this.#server = server
    const [first] = gateways
    if (first) this.#report = contexts.exceptionsHandler(first, handlerOf(first, 'handleConnection'))
    this.#connectionHooks = hooks('handleConnection')
    this.#disconnectHooks = hooks('handleDisconnect')
  }

  /**
   * Tells the listeners of the server, and runs `handleConnection` of every gateway. What one throws, or rejects with,
   * goes to its filters and closes; then this throws, or rejects with, `TURNED_AWAY`. Gives a promise only when a hook
   * does.
   */
  opened(socket: WebSocket, request: UpgradeRequest): Promise<void> | undefined {
    this.#present++
    this.#server.emit('connection', socket, request)
    let isTurnedAway = false
    const turnAway = ({ fail }: Hook, error: unknown): void => {
      isTurnedAway = true
      fail(error, socket)
      closeFor(error, socket)
    }
    const checkWelcome = (): void => {
      if (isTurnedAway) throw TURNED_AWAY
    }
    const waited = runAll(this.#connectionHooks, turnAway, [socket, request])
    if (waited.length > 0) return Promise.all(waited).then(checkWelcome)
    checkWelcome()
    return undefined
  }

  /** Runs `handleDisconnect` of every gateway; exceptions go to the filters. */
  closed(socket: WebSocket, code: number, reason: string): void {
    const waited = runAll(this.#disconnectHooks, ({ fail }, error) => fail(error, socket), [
      socket,
      code,
      reason,
    ])
    if (waited.length > 0) void Promise.all(waited).then(() => this.#leave())
    else this.#leave()
  }

  /** Gives an exception to the filters. Returns false where the path has no gateway. */
  report(error: unknown, socket: WebSocket): boolean {
    this.#report?.(error, [socket, undefined, 'handleConnection'])
    return this.#report !== undefined
  }

  /** Resolves when every `handleDisconnect` has finished. */
  async over(): Promise<void> {
    if (this.#present === 0) return
    await new Promise<void>((resolve) => {
      this.#announceOver = resolve
    })
  }

  #leave(): void {
    this.#present--
    if (this.#present === 0) this.#announceOver()
  }
}

function handlerOf({ instance }: RegisteredGateway, name: HookName): Callback {
  return Reflect.get(instance, name) ?? noHandler
}

function noHandler(): void {}

/** Runs hooks, none of which knows of the others. The promises that they return are given back, made safe. */
function runAll(
  hooks: readonly Hook[],
  onError: (hook: Hook, error: unknown) => void,
  args: unknown[],
): PromiseLike<unknown>[] {
  const waited: PromiseLike<unknown>[] = []
  for (const hook of hooks) {
    try {
      const result = hook.run(...args)
      if (isThenable(result)) waited.push(result.then(undefined, (error) => onError(hook, error)))
    } catch (error) {
      onError(hook, error)
    }
  }
  return waited
}

/** Closes with the code that a `WsException` has, `new WsException({ code: 4401, message: 'Expired' })`, or with 1011. */
function closeFor(error: unknown, socket: WebSocket): void {
  const said = error instanceof WsException ? error.getError() : undefined
  const code = typeof said === 'object' ? Reflect.get(said, 'code') : undefined
  if (typeof code !== 'number') return socket.close(CloseCode.InternalError)
  try {
    socket.close(code)
  } catch {
    socket.close(CloseCode.InternalError)
  }
}
