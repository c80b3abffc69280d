import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handshakeError } from '../handshake/handshake-error.ts'
import { isWebSocketUpgrade } from '../handshake/opening-request.ts'
import { toRejection } from '../routing/refusal.ts'
import { claimStream } from '../websocket/stream-owner.ts'
import { afterEarlierResponse } from './earlier-response.ts'
import { handBack } from './hand-back.ts'
import { checkHttpServer, type HttpServer } from './http-server.ts'
import { refuse } from './refuse.ts'

/** One router or plugin on a server. */
export interface Attachment {
  /** Whether this upgrade is its own. Decides at once, from the request alone, and never throws. */
  claims(request: IncomingMessage): boolean
  /** Whether it answers a WebSocket upgrade, too, that nobody claims and nobody else listens for. Without it: 404. */
  readonly answersUnclaimed?: boolean
  /** Serves an upgrade it claimed, or is to answer. Never throws. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void
  /** The server's own `close()` was called: connections have to end, or the server never does. */
  serverClosing(): void
}

/** From Node 24.9 on a server asks which upgrades to emit; to the rest it is an ordinary request. */
interface UpgradeChooser extends NodeJS.EventEmitter {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean
}

const attachedTo = new WeakMap<HttpServer, Attachments>()

/**
 * Routes the server's upgrades to `attachment`, and returns how to stop that; connections stay open then. What is not
 * its own it leaves to other 'upgrade' listeners, in whatever order they were added. Throws a TypeError when `server` is
 * none, or has this attachment already.
 */
export function attach(server: HttpServer, attachment: Attachment): () => void {
  checkHttpServer(server)
  const attachments = attachedTo.get(server) ?? new Attachments(server)
  attachedTo.set(server, attachments)
  attachments.add(attachment)
  return () => attachments.remove(attachment)
}

/** All attachments of one server, behind one 'upgrade' listener. */
class Attachments {
  readonly #server: HttpServer
  readonly #attachments: Attachment[] = []
  #restore: (() => void)[] = []

  constructor(server: HttpServer) {
    this.#server = server
  }

  add(attachment: Attachment): void {
    if (this.#attachments.includes(attachment)) {
      throw new TypeError(
        'This router is attached to this server already; call what attach() returned to detach it',
      )
    }
    this.#attachments.push(attachment)
    if (this.#attachments.length === 1) this.#listen()
  }

  remove(attachment: Attachment): void {
    const index = this.#attachments.indexOf(attachment)
    if (index === -1) return
    this.#attachments.splice(index, 1)
    if (this.#attachments.length > 0) return
    for (const restore of this.#restore) restore()
  }

  #listen(): void {
    const server = this.#server
    const { close } = server
    const chooser: UpgradeChooser = server
    const choose = chooser.shouldUpgradeCallback
    server.on('upgrade', this.#onUpgrade)
    this.#restore = [
      () => server.off('upgrade', this.#onUpgrade),
      override(server, 'close', (callback) => {
        for (const attachment of [...this.#attachments]) attachment.serverClosing()
        return close.call(server, callback)
      }),
    ]
    if (!choose) return
    const chooseOurs = (request: IncomingMessage) =>
      !this.#isOrdinary(request) && choose.call(server, request)
    this.#restore.push(override(chooser, 'shouldUpgradeCallback', chooseOurs))
  }

  readonly #onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (this.#isOrdinary(request)) {
      return afterEarlierResponse(stream, () => handBack(this.#server, { request, stream, head }))
    }
    const owner = this.#ownerOf(request)
    if (!owner && this.#othersListen()) return
    if (!claimStream(stream)) return
    afterEarlierResponse(stream, () => {
      if (owner) owner.upgrade(request, stream, head)
      else refuse(stream, toRejection(handshakeError('UPWIRE_NO_ROUTE')))
    })
  }

  #ownerOf(request: IncomingMessage): Attachment | undefined {
    const [first] = this.#attachments
    const isAlone = this.#attachments.length === 1 && !this.#othersListen()
    if (isAlone && first?.answersUnclaimed) return first
    const owner = this.#attachments.find((attachment) => attachment.claims(request))
    if (owner || this.#othersListen()) return owner
    return this.#attachments.find(({ answersUnclaimed }) => answersUnclaimed)
  }

  /** Whether it asks for a protocol that nobody here speaks. More headers than Node reads may have cut `Upgrade` off. */
  #isOrdinary(request: IncomingMessage): boolean {
    return request.headers.upgrade !== undefined && !isWebSocketUpgrade(request) && !this.#othersListen()
  }

  #othersListen(): boolean {
    return this.#server.listenerCount('upgrade') > 1
  }
}

/** Replaces a property of one object, and returns how to undo that, as long as nobody replaced it again. */
function override<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  replacement: Owner[Name],
): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  owner[name] = replacement
  return () => {
    if (owner[name] !== replacement) return
    if (before) Object.defineProperty(owner, name, before)
    else Reflect.deleteProperty(owner, name)
  }
}
