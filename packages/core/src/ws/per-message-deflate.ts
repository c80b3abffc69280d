import type { ExtensionOffer } from '../handshake/extension-offer.ts'
import { type Codec, codecFor } from '../permessage-deflate/codec.ts'
import { type Agreement, acceptOffer, acceptResponse, offer } from '../permessage-deflate/negotiation.ts'
import { type PerMessageDeflateSettings, resolvePerMessageDeflate } from '../permessage-deflate/options.ts'
import { EXTENSION_NAME } from '../permessage-deflate/parameters.ts'
import type { UnfinishedMessage } from '../permessage-deflate/unfinished-message.ts'
import { deflateOptions, type WsDeflateOptions } from './deflate-options.ts'
import { type ExtensionParameters, toOffer } from './extension.ts'

/** Parameters as they were agreed on: a number of window bits, or `true`. */
export type AgreedParameters = Record<string, number | true>

/** Extensions that were agreed on, by their names. */
export interface AgreedExtensions {
  readonly 'permessage-deflate'?: PerMessageDeflate
}

type Callback = (error: Error | null, data?: Buffer) => void

let codecOf: (deflate: PerMessageDeflate) => Codec

/** What compresses and decompresses where that was agreed on. Throws an Error where it is still to be. */
export function agreedCodec(extensions: AgreedExtensions = {}): Codec | undefined {
  const deflate = extensions[EXTENSION_NAME]
  return deflate && codecOf(deflate)
}

/** permessage-deflate (RFC 7692) of one connection, for programs that negotiate and compress by themselves. */
export class PerMessageDeflate {
  static get extensionName(): string {
    return EXTENSION_NAME
  }

  static {
    codecOf = (deflate) => deflate.#open()
  }

  /** What was agreed on; null before that. */
  params: AgreedParameters | null = null
  readonly #isServer: boolean
  readonly #maxPayload: number
  readonly #settings: PerMessageDeflateSettings
  #codec: Codec | undefined
  #unfinished: UnfinishedMessage | undefined

  /** Throws a TypeError for options that cannot be used. */
  constructor(options: WsDeflateOptions & { isServer?: boolean } = {}) {
    this.#isServer = options.isServer ?? false
    this.#maxPayload = options.maxPayload || Number.POSITIVE_INFINITY
    this.#settings = resolvePerMessageDeflate(deflateOptions(options)) as PerMessageDeflateSettings
  }

  /** The parameters of a client's offer. */
  offer(): AgreedParameters {
    return agreedParameters(offer(this.#settings))
  }

  /** Takes a client's offers, or a server's response, as `extension.parse` reads them. Throws an Error for none that will do. */
  accept(configurations: readonly ExtensionParameters[]): AgreedParameters {
    const elements = configurations.map((parameters) => toOffer(EXTENSION_NAME, parameters))
    const agreement = this.#agree(elements)
    if (!agreement) throw new Error('None of the extension offers can be accepted')
    this.#codec = codecFor(agreement, this.#settings)
    this.params = agreedParameters(agreement.response)
    return this.params
  }

  /** Compresses a message, or with `fin` false a fragment of one. */
  compress(data: Uint8Array, fin: boolean, callback: Callback): void {
    answer(callback, () => this.#open().deflater.deflate(data, fin))
  }

  /** Decompresses a message, or with `fin` false a fragment of one. */
  decompress(data: Uint8Array, fin: boolean, callback: Callback): void {
    answer(callback, () => this.#inflate(data, fin))
  }

  /** Frees the contexts. */
  cleanup(): void {
    this.#unfinished?.abandon()
    this.#unfinished = undefined
    this.#codec?.deflater.close()
    this.#codec?.inflater.close()
  }

  #agree(elements: readonly ExtensionOffer[]): Agreement | undefined {
    return this.#isServer ? acceptOffer(elements, this.#settings) : acceptResponse(elements, this.#settings)
  }

  #inflate(data: Uint8Array, fin: boolean): Buffer {
    this.#unfinished ??= this.#open().inflater.begin(this.#maxPayload)
    const message = this.#unfinished
    message.put(data)
    const inflated = message.takeAll()
    if (!fin) return inflated
    this.#unfinished = undefined
    message.end()
    return Buffer.concat([inflated, message.takeAll()])
  }

  #open(): Codec {
    if (this.#codec) return this.#codec
    throw new Error('Nothing is agreed on yet: call accept() first')
  }
}

function answer(callback: Callback, work: () => Buffer): void {
  let outcome: Parameters<Callback>
  try {
    outcome = [null, work()]
  } catch (error) {
    outcome = [error as Error]
  }
  process.nextTick(callback, ...outcome)
}

function agreedParameters({ parameters }: ExtensionOffer): AgreedParameters {
  const values = [...parameters].map(([name, [value]]) => [name, value === true ? true : Number(value)])
  return Object.fromEntries(values)
}
