import { isThenable } from '@upwire/core/internal'
import type { FastifyInstance, FastifySchema } from 'fastify'
import {
  compileMessage,
  compileReply,
  type SchemaRoute,
  type Validate,
  type ValuePlace,
} from './schema-compilers.ts'

/** What a route says about its messages. */
export type MessageSchema = Pick<FastifySchema, 'message' | 'reply' | 'onInvalid'>

/** Why a message was not delivered: sent to the peer as `{ error: { code, message, path } }`. */
export class InvalidMessage {
  readonly code: keyof typeof CLOSE_CODES
  readonly message: string
  /** Where in the message, as a JSON pointer (RFC 6901); empty for the whole. */
  readonly path: string

  constructor(code: keyof typeof CLOSE_CODES, message: string, path = '') {
    this.code = code
    this.message = message
    this.path = path
  }

  get closeCode(): number {
    return CLOSE_CODES[this.code]
  }
}

/** RFC 6455 §7.4.1: 1007 is data that is not what its message should be, 1008 is against a policy. */
const CLOSE_CODES = { UPWIRE_NOT_JSON: 1007, UPWIRE_BAD_MESSAGE: 1008 } as const

const NOT_JSON = new InvalidMessage('UPWIRE_NOT_JSON', 'The message must be JSON text')

/** What validators tell of a fault: Ajv and TypeBox a list of such, others an error with a list. */
interface Fault {
  readonly message?: unknown
  readonly instancePath?: unknown
  readonly path?: unknown
  readonly errors?: readonly Fault[]
  readonly issues?: readonly Fault[]
  readonly details?: readonly Fault[]
}

/** Reads and writes the messages of a route, with the compilers of its Fastify instance. */
export class MessageCodec {
  readonly onInvalid: 'reply' | 'close'
  readonly #parse: ReturnType<FastifyInstance['getDefaultJsonParser']>
  readonly #validate: Validate | undefined
  readonly #serialize: ((value: unknown) => string) | undefined

  /** For an instance whose plugins are all there. Throws, as Fastify does, for a schema that cannot be compiled. */
  constructor(schema: MessageSchema, instance: FastifyInstance, route: SchemaRoute) {
    const { message, reply, onInvalid = 'reply' } = schema
    const { onProtoPoisoning = 'error', onConstructorPoisoning = 'error' } = instance.initialConfig
    this.onInvalid = onInvalid
    this.#parse = instance.getDefaultJsonParser(onProtoPoisoning, onConstructorPoisoning)
    if (message !== undefined) this.#validate = compileMessage(message, instance, route)
    if (reply !== undefined) this.#serialize = compileReply(reply, instance, route)
  }

  /** The value of a message, or why it has none; a promise of it where the validator is async. */
  read(text: string): unknown {
    const value = this.#parseText(text)
    if (value instanceof InvalidMessage || !this.#validate) return value
    const parentData = { value }
    const place: ValuePlace | undefined = this.#validate.schemaEnv
      ? { parentData, parentDataProperty: 'value' }
      : undefined
    const outcome = this.#validate(value, place)
    if (isThenable(outcome)) return this.#concludeAsync(parentData, outcome)
    return this.#conclude(parentData, outcome)
  }

  /** The text of a value; by the serialiser where the route has a schema for it. */
  write(value: unknown): string {
    return this.#serialize ? this.#serialize(value) : JSON.stringify(value)
  }

  #parseText(text: string): unknown {
    let parsed: unknown = NOT_JSON
    this.#parse(undefined as never, text, (error, value) => {
      if (!error) parsed = value
    })
    return parsed
  }

  #conclude(validated: { readonly value: unknown }, outcome: unknown): unknown {
    if (outcome === false) return invalid(this.#validate?.errors)
    if (typeof outcome !== 'object' || outcome === null) return validated.value
    const { error } = outcome as { error?: unknown }
    if (error) return invalid(error)
    return 'value' in outcome ? outcome.value : validated.value
  }

  /** An async validator may resolve with the message itself: what a peer can write there is no verdict. */
  async #concludeAsync(
    validated: { readonly value: unknown },
    outcome: PromiseLike<unknown>,
  ): Promise<unknown> {
    try {
      return (await outcome) === false ? invalid(this.#validate?.errors) : validated.value
    } catch (error) {
      if (hasFaults(error)) return invalid(error)
      throw error
    }
  }
}

/** Whether the declaration of a route says anything about messages. Throws a TypeError for what cannot be meant. */
export function hasMessageSchema(schema: MessageSchema | undefined): schema is MessageSchema {
  const { message, reply, onInvalid } = schema ?? {}
  if (onInvalid !== undefined && onInvalid !== 'reply' && onInvalid !== 'close') {
    throw new TypeError(`schema.onInvalid must be 'reply' or 'close', not ${String(onInvalid)}`)
  }
  return message !== undefined || reply !== undefined
}

function invalid(error: unknown): InvalidMessage {
  const fault = firstFault(error as Fault)
  const { message = 'The message does not fit its schema', instancePath, path } = fault
  const pointer = Array.isArray(path) ? path.map((name) => `/${name}`).join('') : path
  return new InvalidMessage('UPWIRE_BAD_MESSAGE', String(message), String(instancePath ?? pointer ?? ''))
}

function firstFault(error: Fault | readonly Fault[] | null | undefined): Fault {
  if (Array.isArray(error)) return error[0] ?? {}
  return faultsOf(error)?.[0] ?? (error as Fault) ?? {}
}

/** An error without is one of the validator's, not of the message. */
function hasFaults(error: unknown): boolean {
  return Array.isArray(faultsOf(error))
}

function faultsOf(error: unknown): readonly Fault[] | undefined {
  const { errors, issues, details } = (error ?? {}) as Fault
  return errors ?? issues ?? details
}
