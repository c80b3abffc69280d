/** The authority of an `http` URI: what the `Host` header carries (RFC 9110 §7.2). */
export interface Host {
  /** In lower case; an IPv6 address keeps its brackets. */
  readonly name: string
  /** `undefined` where the default port of the scheme is meant. */
  readonly port: number | undefined
}

/** RFC 3986 §3.2.2: an address in brackets or a registered name, which has at most 255 characters; then a port. */
const HOST = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-._~!$&'()*+,;=%]{1,255})(?::([0-9]{0,5}))?$/

/**
 * Reads `host[:port]`; `undefined` when it is malformed. User info, a path or an empty name are malformed here.
 *
 * Whatever is accepted, `new URL('http://' + value)` accepts too: programs build URLs out of the `Host` header, and
 * must not be thrown off by a peer (an address such as `[::::]`, a port above 65535, a bad percent-encoding).
 */
export function readHost(value: string): Host | undefined {
  const parts = HOST.exec(value)
  if (parts === null || !URL.canParse(`http://${value}`)) return undefined
  const [, name, port] = parts
  return { name: name.toLowerCase(), port: port ? Number(port) : undefined }
}
