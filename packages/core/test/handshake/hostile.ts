/** Names that every plain object answers to: a parser that uses one as a map stumbles over them. */
export const PROTOTYPE_NAMES = Object.getOwnPropertyNames(Object.prototype)

/** Up to `maxPieces` of the pieces, one time in eight replaced by any character a header can carry. */
export function randomText(random: () => number, pieces: readonly string[], maxPieces = 24): string {
  const anyByte = () => String.fromCharCode(Math.floor(random() * 256))
  const anyPiece = () => pieces[Math.floor(random() * pieces.length)]
  const length = Math.floor(random() * (maxPieces + 1))
  return Array.from({ length }, () => (random() < 1 / 8 ? anyByte() : anyPiece())).join('')
}

/** Makes a header value of a given length. */
type HostileHeader = (length: number) => string

const filled = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

/** Values of the kinds on which backtracking parsers took quadratic time or worse. */
export const HOSTILE_HEADERS: readonly (readonly [what: string, header: HostileHeader])[] = [
  ['spaces in front of the end', (length) => `b${filled(' ', length - 2)}x`],
  ['commas', (length) => filled(',', length)],
  ['empty elements', (length) => filled(' ,\t', length)],
  ['a quoted string that never ends', (length) => `b;c="${filled('\\a', length - 5)}`],
  ['one long token', (length) => filled('a', length)],
  ['short tokens', (length) => filled('a,', length)],
  ['parameters without end', (length) => filled('a;b=c;', length)],
  ['spaces between parameters', (length) => filled('a ; b = c ,', length)],
]

const HOSTILE_LENGTH = 64 * 1024

/** The milliseconds of CPU that `read` takes for 64 KiB of a hostile header. */
export function readingTime(read: (value: string) => unknown, header: HostileHeader): number {
  return shortestTime(read, header(HOSTILE_LENGTH))
}

/**
 * Whether the time grows less than 2.5-fold with each doubling, over three of them: a linear reader comes to 8 times,
 * a quadratic one to 64, and the limit of 15.6 is far from both. Compilation and garbage only ever add time, so shortest
 * times are compared, and again if they differ too much; those below 0.1 ms are too short to compare.
 */
export function takesLinearTime(read: (value: string) => unknown, header: HostileHeader): boolean {
  const short = header(HOSTILE_LENGTH / 4)
  const long = header(HOSTILE_LENGTH * 2)
  for (let attempt = 0; attempt < 5; attempt++) {
    const limit = Math.max(2.5 ** 3 * shortestTime(read, short), 0.1)
    if (shortestTime(read, long) < limit) return true
  }
  return false
}

/** Of up to 20 runs, or of as many as fit into 200 ms. */
function shortestTime(read: (value: string) => unknown, value: string): number {
  const deadline = cpuTime() + 200
  let shortest = Number.POSITIVE_INFINITY
  for (let run = 0; run < 20 && (run === 0 || cpuTime() < deadline); run++) {
    const start = cpuTime()
    read(value)
    shortest = Math.min(shortest, cpuTime() - start)
  }
  return shortest
}

/** Milliseconds this process has had, which a busy machine does not stretch as it does the time on the clock. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
