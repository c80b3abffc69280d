/** Data to compress that is like what people send. It is made, not stored, and the same in every run. */
export type CorpusName = 'filler' | 'json' | 'bitmap' | 'prose' | 'html' | 'noise' | 'letters'

const WORDS = (
  'the of and to in a is that for it was on are as with his they at be this have from or one had by word but not ' +
  'what all were we when your can said there use an each which she do how their if will up other about out many ' +
  'then them these so some her would make like him into time has look two more write go see number no way could'
).split(' ')

const MAKERS: Readonly<Record<CorpusName, (random: Random) => Buffer>> = {
  filler: () => Buffer.from('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY'),
  json: (random) => Buffer.from(JSON.stringify(Array.from({ length: 1200 }, () => user(random)))),
  bitmap: (random) =>
    Buffer.from(Array.from({ length: 512 * 512 }, (_, at) => shade(at % 512, at >> 9) + random.below(4))),
  prose: (random) => Buffer.from(Array.from({ length: 8000 }, () => sentence(random)).join(' ')),
  html: (random) => Buffer.from(Array.from({ length: 2500 }, () => tableRow(random)).join('\n')),
  letters: (random) => Buffer.from(Array.from({ length: 100_003 }, () => 0x61 + random.below(16))),
  noise: (random) => Buffer.from(Array.from({ length: 256 * 1024 }, () => random.below(256))),
}

const made = new Map<CorpusName, Buffer>()

/** The `index`-th message of `bytes` bytes; a corpus begins again where it ends. All but bitmap and noise are ASCII. */
export function messageOf(corpus: CorpusName, index: number, bytes: number): Buffer {
  const whole = made.get(corpus) ?? MAKERS[corpus](new Random(corpus.length))
  made.set(corpus, whole)
  const message = Buffer.allocUnsafe(bytes)
  for (let at = 0, from = (index * bytes) % whole.length; at < bytes; from = 0) {
    at += whole.copy(message, at, from)
  }
  return message
}

/** A linear congruential generator: the numbers need be no better, only the same everywhere. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }
}

function user(random: Random): object {
  return {
    id: random.below(1e9),
    name: words(random, 2).join(' '),
    email: `${words(random, 2).join('.')}@example.org`,
    isActive: random.below(2) === 1,
    balance: random.below(1e6) / 100,
    tags: words(random, 1 + random.below(5)),
  }
}

function shade(x: number, y: number): number {
  return (Math.hypot(x - 256, y - 256) >> 1) & 0xf8
}

function sentence(random: Random): string {
  return `${words(random, 3 + random.below(10)).join(' ')}.`
}

function tableRow(random: Random): string {
  const cells = words(random, 4).map((word) => `<td class="${word}">${random.below(1000)}</td>`)
  return `<tr id="row-${random.below(1e6)}">${cells.join('')}</tr>`
}

function words(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => WORDS[random.below(WORDS.length)]!)
}
