import { randomUUID } from 'node:crypto'
import formbody from '@fastify/formbody'
import type { FastifyPluginAsync, preHandlerAsyncHookHandler } from 'fastify'
import type { Person } from './measurements.ts'
import { PAGES } from './pages.ts'

declare module 'fastify' {
  interface Session {
    person?: Person
  }
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'_-]{0,23}$/u
const NAME_RULE = "A name is 1 to 24 letters, digits, spaces and . ' _ -, and starts with a letter or digit."

/** For a WebSocket or a request of a script: the answer is 401, and for a WebSocket it comes before the 101. */
export const requirePerson: preHandlerAsyncHookHandler = async (request, reply) => {
  if (!request.session.person) return reply.code(401).send({ error: 'Sign in first.' })
}

/** For a page: whoever is not signed in is sent to sign in. */
export const askToSignIn: preHandlerAsyncHookHandler = async (request, reply) => {
  if (!request.session.person) return reply.redirect('/sign-in')
}

/** The routes that sign in and out; `dismiss` ends the connections of a person. */
export const signIn: FastifyPluginAsync<{ dismiss(person: Person): void }> = async (app, { dismiss }) => {
  await app.register(formbody, { bodyLimit: 1024 })

  app.get('/sign-in', (_request, reply) => reply.sendFile('sign-in.html', PAGES))

  app.post<{ Body?: { name?: unknown } }>('/sign-in', async (request, reply) => {
    const name = personName(request.body?.name)
    if (name === undefined) return reply.code(400).send({ error: NAME_RULE })
    // A new session id at sign-in: one that somebody planted before is worth nothing.
    await request.session.regenerate()
    request.session.person = { id: randomUUID(), name }
    return reply.redirect('/', 303)
  })

  app.post('/sign-out', async (request, reply) => {
    const { person } = request.session
    await request.session.destroy()
    if (person) dismiss(person)
    return reply.redirect('/sign-in', 303)
  })

  app.get('/session', { preHandler: requirePerson }, async ({ session }) => ({ person: session.person }))
}

/** The name as it will be shown, or undefined where `value` is none. */
function personName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const name = value.normalize('NFC').trim().replace(/\s+/g, ' ')
  return NAME.test(name) ? name : undefined
}
