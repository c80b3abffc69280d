/** Where a client connects to, and what it asks for there. */
export interface Address {
  /** With a scheme of WebSocket: `ws:`, `wss:` or `ws+unix:`. */
  readonly url: URL
  readonly isSecure: boolean
  /** What tells one server from another: host and port, or the path of a unix socket. */
  readonly server: string
  /** Ready for `http.request`. */
  readonly destination: {
    readonly host?: string
    readonly port?: string
    readonly socketPath?: string
    readonly path: string
  }
  /** `user:password` of the URL. */
  readonly userinfo: string | undefined
}

/** HTTP schemes name the same servers: a handshake is an HTTP request. */
const SCHEMES: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
  'ws+unix:': 'ws+unix:',
}

/** A URL would drop line breaks silently; who writes one has not meant this address. */
const LINE_BREAK_OR_NUL = /[\r\n\0]/

/** Reads an address, relative to `base` if it is not absolute. Throws a SyntaxError when it is none for WebSockets. */
export function readAddress(address: string | URL, base?: URL): Address {
  const url = parse(address, base)
  const scheme = SCHEMES[url.protocol]
  if (scheme === undefined) {
    const schemes = '"ws:", "wss:", "http:", "https:", or "ws+unix:"'
    throw new SyntaxError(`The URL's protocol must be one of ${schemes}`)
  }
  if (url.hash) throw new SyntaxError('The URL contains a fragment identifier')
  url.protocol = scheme
  try {
    const userinfo = userinfoOf(url)
    if (scheme === 'ws+unix:') return { ...unixSocket(url), userinfo }
    const { host, hostname, port, pathname, search } = url
    const destination = { host: hostname.replace(/^\[|\]$/g, ''), port, path: pathname + search }
    return { url, isSecure: scheme === 'wss:', server: host, destination, userinfo }
  } catch (error) {
    // What is percent-encoded is not UTF-8.
    if (error instanceof URIError) throw new SyntaxError(`Invalid URL: ${address}`, { cause: error })
    throw error
  }
}

function parse(address: string | URL, base: URL | undefined): URL {
  const text = String(address)
  if (LINE_BREAK_OR_NUL.test(text) || !URL.canParse(text, base?.href)) {
    throw new SyntaxError(`Invalid URL: ${text}`)
  }
  return new URL(text, base)
}

/** `ws+unix:/run/app.sock:/chat`: the path of the socket up to the first colon, then that of the request. */
function unixSocket(url: URL): Omit<Address, 'userinfo'> {
  const { pathname, search } = url
  const [encoded] = pathname.split(':', 1)
  const socketPath = decodeURIComponent(encoded)
  if (socketPath === '') throw new SyntaxError("The URL's pathname is empty")
  if (socketPath.includes('\0')) throw new SyntaxError(`Invalid URL: ${url}`)
  const path = (pathname.slice(encoded.length + 1) || '/') + search
  return { url, isSecure: false, server: `unix:${socketPath}`, destination: { socketPath, path } }
}

function userinfoOf({ username, password }: URL): string | undefined {
  if (!username && !password) return undefined
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
}
