import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { serializerCompilerOf, validatorCompilerOf } from './fastify-internals.ts'

/** The route whose messages they are; it may have compilers of its own. */
export type SchemaRoute = Pick<RouteOptions, 'url'> &
  Partial<Pick<RouteOptions, 'validatorCompiler' | 'serializerCompiler'>>

/** What compilers make: Ajv's are given the place of the value, so that they can put another one there. */
export type Validate = ((value: unknown, place?: ValuePlace) => unknown) & {
  readonly errors?: unknown
  readonly schemaEnv?: unknown
}

export interface ValuePlace {
  readonly parentData: { value: unknown }
  readonly parentDataProperty: 'value'
}

/** Throws, in the words that Fastify has for its own schemas, when this one cannot be compiled. */
export function compileMessage(schema: unknown, instance: FastifyInstance, route: SchemaRoute): Validate {
  const { url, validatorCompiler } = route
  return compile('message', url, () => {
    const compiler = validatorCompiler ?? validatorCompilerOf(instance)
    return compiler({ schema: plain(schema), method: 'GET', url, httpPart: 'body' }) as Validate
  })
}

/** Throws, in the words that Fastify has for its own schemas, when this one cannot be compiled. */
export function compileReply(
  schema: unknown,
  instance: FastifyInstance,
  route: SchemaRoute,
): (value: unknown) => string {
  const { url, serializerCompiler } = route
  return compile('reply', url, () => {
    const compiler = serializerCompiler ?? serializerCompilerOf(instance)
    return compiler({ schema: plain(schema), method: 'GET', url, httpStatus: '101' })
  })
}

/** Those by which Fastify tells of its own schemas, in its own words. */
const BUILD_FAILURES = {
  message: { code: 'FST_ERR_SCH_VALIDATION_BUILD', kind: 'validation' },
  reply: { code: 'FST_ERR_SCH_SERIALIZATION_BUILD', kind: 'serialization' },
} as const

function compile<Compiled>(name: keyof typeof BUILD_FAILURES, url: string, run: () => Compiled): Compiled {
  try {
    return run()
  } catch (cause) {
    const { code, kind } = BUILD_FAILURES[name]
    const reason = cause instanceof Error ? cause.message : String(cause)
    const text = `Failed building the ${kind} schema for GET: ${url}, due to error in schema.${name}: ${reason}`
    throw Object.assign(new Error(text, { cause }), { code, statusCode: 500 })
  }
}

/** A schema of fluent-json-schema is an object that writes it. */
function plain(schema: unknown): FastifySchema {
  return (typeof schema === 'object' ? schema?.valueOf() : schema) as FastifySchema
}
