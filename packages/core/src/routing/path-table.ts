import findMyWay from 'find-my-way'

/** The longest value one parameter may have, in characters; a longer one matches no path. */
const MAX_PARAM_LENGTH = 2048

/** `.` and `..`, plain or encoded: clients resolve them before they send a path, so one that arrives is a trick. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i

const PATTERN = /\([^/]*\)/g
const OPTIONAL = /\?\/?$/
const PARAM_NAME = /:([^/:.?-]*)/g

export interface PathMatch<Value> {
  readonly value: Value
  /** Percent-decoded, and never empty. */
  readonly params: Readonly<Record<string, string>>
}

/**
 * Which value belongs to a path.
 *
 * A path is matched as it is written: the case of its letters, a trailing `/`, doubled slashes and `;` all count, and
 * `%2f` is part of a parameter's value, never a separator. A path has one spelling, therefore, for every guard that
 * looks at it; only percent-encoded letters are those letters (RFC 3986 §6.2.2.2).
 *
 * `/rooms/:room` has the parameter `room`, one segment long; `/rooms/:room?` also matches `/rooms`; `/files/*` matches
 * the rest of a path, as the parameter `*`; `/id/:id(^\\d+)` matches by a pattern; `::` is a colon. A fixed segment
 * wins over a parameter, and that over `*`, in whatever order they are added.
 */
export class PathTable<Value> {
  readonly #paths = findMyWay({ maxParamLength: MAX_PARAM_LENGTH })

  /** Throws a `TypeError` when `path` cannot be read, or is there already. */
  add(path: string, value: Value): void {
    checkPath(path)
    try {
      if (this.#paths.hasRoute('GET', path)) throw new Error('there is a route for the same paths already')
      this.#paths.on('GET', path, unused, value)
    } catch (cause) {
      throw new TypeError(`The path '${path}' cannot be added: ${(cause as Error).message}`, { cause })
    }
  }

  /** What was added for `path`, a request's path without the query; `undefined` for nothing. Never throws. */
  find(path: string): PathMatch<Value> | undefined {
    if (DOT_SEGMENT.test(path)) return undefined
    const found = this.#paths.find('GET', path)
    if (found === null) return undefined
    const params = found.params as Record<string, string>
    if (Object.values(params).includes('')) return undefined
    return { value: found.store as Value, params }
  }
}

function checkPath(path: unknown): void {
  if (typeof path !== 'string') {
    throw new TypeError(`A path must be a string such as '/chat/:room', not ${typeof path}`)
  }
  if (!path.startsWith('/'))
    throw new TypeError(`The path '${path}' must begin with a slash; write '/${path}'`)
  const plain = path.replace(PATTERN, '')
  if (/[?#]/.test(plain.replace(OPTIONAL, ''))) {
    throw new TypeError(
      `The path '${path}' has a query or a fragment; write the path alone and read the query from request.url`,
    )
  }
  const names = Array.from(plain.replaceAll('::', '').matchAll(PARAM_NAME), ([, name]) => name)
  if (names.includes(''))
    throw new TypeError(`The path '${path}' has a parameter without a name; write '/:name'`)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) {
    throw new TypeError(
      `The path '${path}' has the parameter '${repeated}' twice; give each a name of its own`,
    )
  }
}

/** The table wants a function per path; ours keeps a value, as its `store`. */
function unused(): void {}
