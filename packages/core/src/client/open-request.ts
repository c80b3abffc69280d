import { type ClientRequest, request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Address } from './address.ts'
import type { ResolvedClientOptions } from './client-options.ts'

/** A host that is no name: no certificate is asked for by it (RFC 6066 §3). */
const IP_ADDRESS = /^[\d.]+$|:/

/** Makes the request of a handshake; it is sent by `end()`. Throws what Node throws for options that cannot be used. */
export function openRequest(
  address: Address,
  headers: OutgoingHttpHeaders,
  options: ResolvedClientOptions,
): ClientRequest {
  const { isSecure, destination } = address
  const { createConnection, agent = createConnection ? undefined : false } = options
  const request: RequestOptions = {
    ...options,
    ...WITHOUT,
    ...destination,
    defaultPort: isSecure ? 443 : 80,
    headers,
    agent,
  }
  if (!isSecure) return httpRequest(request)
  // Of the address, not of a Host header, by which Node would go without it.
  request.servername ??= IP_ADDRESS.test(destination.host ?? '') ? '' : destination.host
  if (options.dangerouslyIgnoreCertificate) request.rejectUnauthorized = false
  return httpsRequest(request)
}

/** What is not for the request, or is said in its address or its headers, or is watched over by the attempt. */
const WITHOUT = {
  auth: undefined,
  hostname: undefined,
  method: 'GET',
  protocol: undefined,
  signal: undefined,
  socketPath: undefined,
  timeout: undefined,
} as const satisfies RequestOptions
