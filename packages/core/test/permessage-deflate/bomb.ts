import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import { bomb } from './samples.ts'

/**
 * A program of its own, for what a process has taken shows in a fresh one: inflates a bomb of so many MiB with a limit of
 * so many, whole or in parts of 16 KiB that are kept as they come, and prints what came of it.
 */
const [bombMebibytes, limitMebibytes, way] = process.argv.slice(2)
const maxBytes = Number(limitMebibytes) * 2 ** 20
const payload = bomb(Number(bombMebibytes))
const inflater = new Inflater({ windowBits: 15, contextTakeover: way === 'in parts, with takeover' })
inflater.inflate(Buffer.of(0), 0)

const before = process.memoryUsage.rss()
let code: unknown
try {
  if (way === 'whole') inflater.inflate(payload, maxBytes)
  else inflateInParts()
} catch (error) {
  code = error instanceof Error && 'code' in error ? error.code : error
}
const raised = Math.max(process.memoryUsage.rss(), process.resourceUsage().maxRSS * 1024) - before
console.log(JSON.stringify({ code, raisedMebibytes: raised / 2 ** 20 }))

function inflateInParts(): void {
  const kept: Buffer[] = []
  const message = inflater.begin(maxBytes)
  for (let at = 0; at < payload.length; at += 16_384) {
    message.put(payload.subarray(at, at + 16_384))
    for (let part = message.take(); part; part = message.take()) kept.push(part)
  }
  message.end()
}
