import type { Line } from './cases/case.ts'
import type { Effort } from './effort.ts'
import { event } from './event.ts'
import { feed, feedBytes } from './feed.ts'
import type { Machine } from './machine.ts'
import { nodeFlags } from './program.ts'
import type { Results } from './results.ts'
import { floor, reference, servers } from './servers.ts'
import type { Spread } from './statistics.ts'
import { type Column, renderTable } from './table.ts'
import { type Target, targets } from './targets.ts'

export interface Report {
  readonly date: Date
  readonly machine: Machine
  readonly effort: Effort
  readonly results: Results
}

/** The whole report in Markdown: the same in a terminal and in a file. */
export function renderReport(report: Report): string {
  const sections = [
    `# Benchmarks, ${day(report.date)}`,
    machineSection(report.machine),
    '## Results',
    resultTable(report.results),
    '## Targets',
    targetTable(report.results),
    '## Method',
    methodSection(report.effort),
  ]
  return `${sections.join('\n\n')}\n`
}

/** Where a report belongs: one file per day and kind of machine. */
export function reportFileName({ date, machine }: Pick<Report, 'date' | 'machine'>): string {
  const words = [day(date), machine.cpu, machine.cores, 'cores'].join(' ').toLowerCase()
  return `${words.match(/[a-z0-9]+/g)?.join('-')}.md`
}

function machineSection({ cpu, cores, memoryGiB, system, node, load, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return [
    `- Machine: ${cpu}, ${cores} cores, ${Math.round(memoryGiB)} GiB, ${system}; load average before: ${load.toFixed(2)}`,
    `- Node ${node}, all programs with \`${nodeFlags.join(' ')}\``,
    `- ${versions.join(', ')}`,
  ].join('\n')
}

function resultTable(results: Results): string {
  const columns: Column[] = [
    { heading: 'case', align: 'left' },
    { heading: 'server', align: 'left' },
    { heading: 'cost of each', align: 'right' },
    { heading: `times ${floor}`, align: 'right' },
    { heading: `times ${reference}`, align: 'right' },
    { heading: 'per second', align: 'right' },
  ]
  const rows = results.lines.flatMap((line) => {
    const measured = servers.filter(({ name }) => results.has(line.name, name))
    return measured.map(({ name, title }, index) => [
      index === 0 ? line.title : '',
      title,
      `${figure(results.cost(line.name, name))} ${line.unit}`,
      ratio(results.ratio(line.name, name, floor)),
      ratio(results.ratio(line.name, name, reference)),
      rate(results.perSecond(line.name, name)),
    ])
  })
  return renderTable(columns, rows)
}

function targetTable(results: Results): string {
  const columns: Column[] = [
    { heading: 'target', align: 'left' },
    { heading: 'server', align: 'left' },
    { heading: 'at most', align: 'right' },
    { heading: 'measured', align: 'right' },
  ]
  const rows = results.lines.flatMap((line) =>
    targets
      .filter((target) => target.line === line.name)
      .flatMap((target) => targetRows(line, target, results)),
  )
  return rows.length > 0 ? renderTable(columns, rows) : 'None concerns the cases measured.'
}

function targetRows({ title }: Line, target: Target, results: Results): string[][] {
  return target.servers.map((server, index) => [
    index === 0 ? title : '',
    titleOf(server),
    `${figure(target.atMost)} × ${target.of}`,
    verdict(target, results.ratio(target.line, server, target.of)),
  ])
}

function verdict({ atMost }: Target, measured: Spread | undefined): string {
  if (!measured) return 'not measured'
  return `${ratio(measured)} ${measured.median <= atMost ? 'held' : 'missed'}`
}

function methodSection({ processes, rounds, milliseconds, warmUpHandshakes, idleProcesses }: Effort): string {
  return `- Cost is CPU time of the server process, user and kernel, all its threads, as the system accounts it, divided by the
  messages echoed (or connections opened and closed). How fast the load generator is does not enter into it; "per second"
  is on the wall clock, with the generator on the same machine, and depends on both.
- Each server runs in a process of its own, warmed up first, and is measured in turns with the others, the order rotated by one
  each round. Processes of each server per case: ${processes}, measured ${rounds} times for ${milliseconds} ms each (idle connections:
  ${idleProcesses}, once each). Shown is the median; a ratio compares measurements of the same round: median (lowest–highest).
- Echo: binary messages over 64 connections. "32 in flight" writes 32 frames at once on a connection, waits for all 32 replies, and
  again. The load generator is one process with prebuilt frames; it checks the first echo and from then on counts bytes.
- An event is the text \`{ event, data }\`, ${event.length} B, that the gateways of Nest take; the server parses it and answers with the same.
- Compressed: ${feed.length} JSON texts of ${feedBytes} B that resemble each other, sent in turn, compressed both ways. The generator offers
  what browsers offer, and what it sends refers to no message before. It sees that each reply is compressed, and inflates
  some of them. \`ws\` has its defaults, which take contexts over; without takeover, and with memory \`'shared'\`, the threshold
  is 0, for else ${feedBytes} B would not be compressed. Upwire compresses at its default level, 1, and \`ws\` at its own, 6.
- Fan-out: one connection publishes those texts, the next when the one before has reached all others; the cost is that of one
  delivery. \`ws\` sends to its clients one by one.
- "connect, upgrade, close": TCP connection, opening handshake, closing handshake, 64 side by side, after ${figure(warmUpHandshakes)} to warm up:
  what a handshake runs through is compiled late, the more so the more of it there is.
- Idle connections: what the process grew by from 1,000 to 6,000 connections (compressed: from 200 to 1,200), after garbage
  collection, divided by those that came, in a process with \`--max-semi-space-size=1\` (V8's young generation else grows
  with the garbage of the handshakes, by more than the connections take). RSS is all memory of the process; heap is V8's
  and external memory.
- ${titleOf(floor)}: an HTTP server that answers the opening handshake by hand and sends the bytes that arrive back, or to all
  others, unparsed and still masked. \`ws\`, @fastify/websocket and the WsAdapter run without bufferutil; express-ws brings a ws of its own,
  which finds bufferutil by itself.`
}

function titleOf(server: string): string {
  return servers.find(({ name }) => name === server)?.title ?? server
}

function ratio(measured: Spread | undefined): string {
  if (!measured) return '–'
  const { median, lowest, highest } = measured
  if (lowest === highest) return figure(median)
  return `${figure(median)} (${figure(lowest)}–${figure(highest)})`
}

function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? '–' : figure(perSecond)
}

const threeDigits = new Intl.NumberFormat('en', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })

function figure(value: number): string {
  return threeDigits.format(value)
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
