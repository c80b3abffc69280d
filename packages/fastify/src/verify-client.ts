import type { TLSSocket } from 'node:tls'
import { UpgradeRejection, type VerifyClient } from '@upwire/core'
import { Refusal, reasonPhrase } from '@upwire/core/internal'
import type { FastifyRequest } from 'fastify'

type Verdict = [verified: unknown, status?: number, message?: string, headers?: object]

/**
 * Asks the `verifyClient` function of a program for `ws`: for what it returns or, with two parameters, for what it calls
 * back with. Returns the refusal, if it refuses; rejects with what it throws.
 */
export async function verify(
  verifyClient: VerifyClient,
  { raw }: FastifyRequest,
): Promise<Refusal | undefined> {
  const { authorized, encrypted } = raw.socket as Partial<TLSSocket>
  const info = { origin: raw.headers.origin, secure: Boolean(authorized || encrypted), req: raw }
  const verdict = await new Promise<Verdict>((resolve, reject) => {
    const answer = verifyClient(info, (...verdict: Verdict) => resolve(verdict))
    // A promise is no yes: what an async function answers counts.
    if (verifyClient.length < 2) Promise.resolve(answer).then((verified) => resolve([verified]), reject)
  })
  const [verified, status = 401, message = reasonPhrase(status), headers = {}] = verdict
  if (verified) return undefined
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return new Refusal(new UpgradeRejection(status, { headers: given, body: message }))
}
