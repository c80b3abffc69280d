import type { IncomingMessage } from 'node:http'
import { splitTokens } from '../handshake/header-list.ts'
import type { Upgrade } from './accept.ts'
import { type HttpServer, isSecure } from './http-server.ts'

/** Headers that only mean something to an upgrade (RFC 9110 §7.8, RFC 7540 §3.2.1), and are named in `Connection`. */
const UPGRADE_HEADERS = ['upgrade', 'http2-settings']

/**
 * Gives `server` a request that asks for another protocol, to be answered as if it had not asked: a server is free to
 * ignore `Upgrade` (RFC 9110 §7.8), but Node has parted with the stream already. It becomes a connection anew, with the
 * head of the request in front, so that the request's body, keep-alive and further requests work as on any other.
 */
export function handBack(server: HttpServer, { request, stream, head }: Upgrade): void {
  stream.unshift(Buffer.concat([Buffer.from(plainHead(request), 'latin1'), head]))
  server.emit(isSecure(server) ? 'secureConnection' : 'connection', stream)
}

function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) text += plainLine(rawHeaders[at], rawHeaders[at + 1])
  return `${text}\r\n`
}

function plainLine(name: string, value: string): string {
  const lowerName = name.toLowerCase()
  if (UPGRADE_HEADERS.includes(lowerName)) return ''
  if (lowerName !== 'connection') return `${name}: ${value}\r\n`
  const options = (splitTokens(value) ?? []).filter(
    (option) => !UPGRADE_HEADERS.includes(option.toLowerCase()),
  )
  return options.length > 0 ? `${name}: ${options.join(', ')}\r\n` : ''
}
