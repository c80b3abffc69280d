import type { FastifyReply, FastifyRequest } from 'fastify'
import { hookName, type OnSend, onSendHooks } from './fastify-internals.ts'

/**
 * Which `onSend` hooks run before a 101.
 *
 * - `all`: a 101 is an answer as any other, without a body.
 * - `cookies`: those by which @fastify/cookie and @fastify/session write their headers. Programs for @fastify/websocket
 *   rely on it that no hook of their own runs.
 */
export type OnSendRule = 'all' | 'cookies'

const COOKIE_HOOKS = ['fastifyCookieOnSendHandler', 'saveSession']

/** Runs them one after the other, as Fastify does; their payloads come to nothing. Rejects with what one of them says. */
export async function runOnSend(
  request: FastifyRequest,
  reply: FastifyReply,
  rule: OnSendRule,
): Promise<void> {
  for (const hook of onSendHooks(request)) {
    if (rule === 'all' || COOKIE_HOOKS.includes(hookName(hook))) await run(hook, request, reply)
  }
}

/** Whether there is anything to run. */
export function hasOnSend(request: FastifyRequest, rule: OnSendRule): boolean {
  const hooks = onSendHooks(request)
  return rule === 'all' ? hooks.length > 0 : hooks.some((hook) => COOKIE_HOOKS.includes(hookName(hook)))
}

function run(hook: OnSend, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    const result = hook(request, reply, null, done)
    if (result instanceof Promise) result.then(() => resolve(), reject)
  })
}
