import { isThenable } from '@upwire/core/internal'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'

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

type Validate = ReturnType<FastifyRequest['compileValidationSchema']> & { readonly errors?: unknown }

/** What validators tell of a fault: Ajv and TypeBox a list of such, others an error with a list. */
interface Fault {
  readonly message?: unknown
  readonly instancePath?: unknown
  readonly path?: unknown
  readonly issues?: readonly Fault[]
  readonly details?: readonly Fault[]
}

/** Reads and writes the messages of a route, with the compilers of its Fastify instance. */
export class MessageCodec {
  readonly onInvalid: 'reply' | 'close'
  readonly #parse: ReturnType<FastifyInstance['getDefaultJsonParser']>
  readonly #validate: Validate | undefined
  readonly #serialize: ((value: unknown) => string) | undefined

  /** Throws what a compiler throws for a schema that it does not understand. */
  constructor(schema: MessageSchema, request: FastifyRequest, reply: FastifyReply) {
    const { message, reply: answer, onInvalid = 'reply' } = schema
    const { onProtoPoisoning = 'error', onConstructorPoisoning = 'error' } = request.server.initialConfig
    this.onInvalid = onInvalid
    this.#parse = request.server.getDefaultJsonParser(onProtoPoisoning, onConstructorPoisoning)
    this.#validate = isSchema(message) ? request.compileValidationSchema(message) : undefined
    const serialize = isSchema(answer) ? reply.compileSerializationSchema(answer) : undefined
    this.#serialize = serialize as ((value: unknown) => string) | undefined
  }

  /** The value of a message, or why it has none; a promise of it where the validator is async. */
  read(text: string): unknown {
    const value = this.#parseText(text)
    if (value instanceof InvalidMessage || !this.#validate) return value
    const outcome: unknown = this.#validate(value)
    if (isThenable(outcome)) return outcome.then((settled) => this.#conclude(value, settled))
    return this.#conclude(value, outcome)
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

  #conclude(value: unknown, outcome: unknown): unknown {
    if (outcome === false) return invalid(this.#validate?.errors)
    if (typeof outcome !== 'object' || outcome === null) return value
    const { error, value: converted } = outcome as { error?: unknown; value?: unknown }
    if (error) return invalid(error)
    return converted ?? value
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
  const { issues, details } = (error ?? {}) as Fault
  return issues?.[0] ?? details?.[0] ?? (error as Fault) ?? {}
}

function isSchema(schema: unknown): schema is Record<string, unknown> {
  return typeof schema === 'object' && schema !== null
}
