import { createRequire } from 'node:module'
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  deflateRawSync,
  inflateRawSync,
  type ZlibOptions,
} from 'node:zlib'
import { feed } from '../feed.ts'
import { thisMachine } from '../machine.ts'
import { spread } from '../statistics.ts'
import { type Column, renderTable } from '../table.ts'

/**
 * What a compressed message costs by each way into zlib, for decision record 0020:
 *
 *     npx tsx benchmarks/experiments/zlib.ts
 *
 * CPU time of the whole process, its thread pool included, for JSON messages of 826 bytes; the ways take turns. The
 * package minizlib is measured where it is installed.
 */
type Run = (message: Buffer) => Buffer | Promise<Buffer>

interface Way {
  readonly name: string
  /** Whether a message may refer to those before it. */
  readonly contextTakeover: boolean
  readonly deflate: () => Run
  readonly inflate: () => Run
}

/** A measurement, of which there is one per round and way. */
const RUNS = 1024
const ROUNDS = 12
const WARM_UP_ROUNDS = 2
const WINDOW_BYTES = 32 * 1024

const FLUSH = { finishFlush: constants.Z_SYNC_FLUSH }
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff)

const require = createRequire(import.meta.url)

interface WsPerMessageDeflate {
  params: Readonly<Record<string, boolean>>
  compress(data: Buffer, fin: boolean, done: (error: Error | null, data: Buffer) => void): void
  decompress(data: Buffer, fin: boolean, done: (error: Error | null, data: Buffer) => void): void
}

/** `ws`: a stream of Node's for each connection, which works in the thread pool. */
function wsWay(method: 'compress' | 'decompress', contextTakeover: boolean): Run {
  const { PerMessageDeflate } = require('ws') as {
    PerMessageDeflate: new (options: object) => WsPerMessageDeflate
  }
  const extension = new PerMessageDeflate({ isServer: true })
  extension.params = {
    server_no_context_takeover: !contextTakeover,
    client_no_context_takeover: !contextTakeover,
  }
  return (message) =>
    new Promise((resolve, reject) => {
      extension[method](message, true, (error, result) => (error ? reject(error) : resolve(result)))
    })
}

/** Documented synchronous calls: a compressor for each message, what came before as its dictionary. */
function oneShotDeflate(options: ZlibOptions, contextTakeover: boolean): Run {
  let dictionary: Buffer | undefined
  return (message) => {
    const blocks = deflateRawSync(message, { ...options, ...FLUSH, dictionary })
    if (contextTakeover) dictionary = windowAfter(dictionary, message)
    return blocks.subarray(0, -TAIL.length)
  }
}

function oneShotInflate(contextTakeover: boolean): Run {
  let dictionary: Buffer | undefined
  return (payload) => {
    const message = inflateRawSync(payload, { ...FLUSH, dictionary })
    if (contextTakeover) dictionary = windowAfter(dictionary, message)
    return message
  }
}

function windowAfter(window: Buffer | undefined, message: Buffer): Buffer {
  return Buffer.concat([window ?? Buffer.alloc(0), message]).subarray(-WINDOW_BYTES)
}

interface NativeStream {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Buffer,
      inputOffset: number,
      inputBytes: number,
      output: Buffer,
      outputOffset: number,
      outputBytes: number,
    ): void
    reset(): void
  }
  readonly _writeState: Uint32Array
}

/** The handle of one stream, for one message after the other. */
function handle(create: () => unknown, contextTakeover: boolean, parts: (message: Buffer) => Buffer[]): Run {
  const stream = create() as NativeStream
  const output = Buffer.allocUnsafeSlow(64 * 1024)
  return (message) => {
    let size = 0
    for (const part of parts(message)) {
      stream._handle.writeSync(
        constants.Z_SYNC_FLUSH,
        part,
        0,
        part.length,
        output,
        size,
        output.length - size,
      )
      size = output.length - stream._writeState[0]!
    }
    if (!contextTakeover) stream._handle.reset()
    return Buffer.from(output.subarray(0, size))
  }
}

const handleDeflate = (options: ZlibOptions, contextTakeover: boolean): Run => {
  const run = handle(
    () => createDeflateRaw(options),
    contextTakeover,
    (message) => [message],
  )
  return (message) => (run(message) as Buffer).subarray(0, -TAIL.length)
}

const handleInflate = (contextTakeover: boolean): Run =>
  handle(
    () => createInflateRaw(),
    contextTakeover,
    (payload) => [payload, TAIL],
  )

interface MinizlibStream {
  write(data: Buffer): void
  read(): Buffer
  reset(): void
}

type Minizlib = Readonly<Record<'DeflateRaw' | 'InflateRaw', new (options: object) => MinizlibStream>>

function minizlibWays(): Way[] {
  let minizlib: Minizlib
  try {
    minizlib = require('minizlib') as Minizlib
  } catch {
    return []
  }
  const way = (kind: keyof Minizlib, contextTakeover: boolean): Run => {
    const stream = new minizlib[kind]({ flush: constants.Z_SYNC_FLUSH })
    return (message) => {
      stream.write(message)
      if (kind === 'InflateRaw') stream.write(TAIL)
      const result = stream.read()
      if (!contextTakeover) stream.reset()
      return kind === 'InflateRaw' ? result : result.subarray(0, -TAIL.length)
    }
  }
  return [true, false].map((contextTakeover) => ({
    name: 'minizlib, level 6',
    contextTakeover,
    deflate: () => way('DeflateRaw', contextTakeover),
    inflate: () => way('InflateRaw', contextTakeover),
  }))
}

const WAYS: readonly Way[] = [
  ...[true, false].flatMap((contextTakeover) => [
    {
      name: 'ws: asynchronous streams, level 6',
      contextTakeover,
      deflate: () => wsWay('compress', contextTakeover),
      inflate: () => wsWay('decompress', contextTakeover),
    },
    ...[6, 1].flatMap((level) => [
      {
        name: `one-shot calls, level ${level}`,
        contextTakeover,
        deflate: () => oneShotDeflate({ level }, contextTakeover),
        inflate: () => oneShotInflate(contextTakeover),
      },
      {
        name: `the stream's handle, level ${level}`,
        contextTakeover,
        deflate: () => handleDeflate({ level }, contextTakeover),
        inflate: () => handleInflate(contextTakeover),
      },
    ]),
  ]),
  ...minizlibWays(),
]

/** A way with a connection of its own, and what its messages took. */
class Trial {
  readonly way: Way
  readonly deflateCosts: number[] = []
  readonly inflateCosts: number[] = []
  bytes = 0
  readonly #deflate: Run
  readonly #inflate: Run

  constructor(way: Way) {
    this.way = way
    this.#deflate = way.deflate()
    this.#inflate = way.inflate()
  }

  async round(messages: readonly Buffer[], counts: boolean): Promise<void> {
    const texts = Array.from({ length: RUNS }, (_, index) => messages[index % messages.length]!)
    const deflated = await this.#measure(texts, this.#deflate)
    const inflated = await this.#measure(deflated.results, this.#inflate)
    if (!inflated.results.every((text, index) => text.equals(texts[index]!))) {
      throw new Error(`${this.way.name} does not give back what it was given`)
    }
    if (!counts) return
    this.deflateCosts.push(deflated.cost)
    this.inflateCosts.push(inflated.cost)
    this.bytes = deflated.results.reduce((sum, { length }) => sum + length, 0) / RUNS
  }

  async #measure(inputs: readonly Buffer[], run: Run): Promise<{ results: Buffer[]; cost: number }> {
    const results: Buffer[] = []
    const started = process.cpuUsage()
    for (const input of inputs) {
      const result = run(input)
      results.push(result instanceof Promise ? await result : result)
    }
    const { user, system } = process.cpuUsage(started)
    return { results, cost: (user + system) / inputs.length }
  }
}

const COLUMNS: readonly Column[] = [
  { heading: 'context takeover', align: 'left' },
  { heading: 'way', align: 'left' },
  { heading: 'deflate, µs', align: 'right' },
  { heading: 'inflate, µs', align: 'right' },
  { heading: 'bytes', align: 'right' },
]

async function main(): Promise<void> {
  const trials = WAYS.map((way) => new Trial(way))
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    for (const trial of trials) await trial.round(feed, round >= WARM_UP_ROUNDS)
  }
  const { cpu, cores, node, load } = thisMachine()
  console.log(`${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)}; median (lowest–highest)\n`)
  const shown = (costs: readonly number[]) => {
    const { median, lowest, highest } = spread(costs)
    return `${median.toFixed(1)} (${lowest.toFixed(1)}–${highest.toFixed(1)})`
  }
  const rows = trials.map(({ way, deflateCosts, inflateCosts, bytes }) => [
    way.contextTakeover ? 'yes' : 'no',
    way.name,
    shown(deflateCosts),
    shown(inflateCosts),
    bytes.toFixed(0),
  ])
  console.log(renderTable(COLUMNS, rows))
}

await main()
