import { mkdir, writeFile } from 'node:fs/promises'
import { type Arguments, parseArguments, type Selection, select, usage } from './arguments.ts'
import { cases } from './cases.ts'
import { compile } from './compile.ts'
import { quick, thorough } from './effort.ts'
import type { LoadAnswers } from './load/load.ts'
import { thisMachine } from './machine.ts'
import { measure } from './measure.ts'
import { Program } from './program.ts'
import { type Report, renderReport, reportFileName } from './report.ts'
import { Results } from './results.ts'
import type { ServerAnswers } from './servers/control.ts'
import { servers } from './servers.ts'

await main()

async function main(): Promise<void> {
  let options: Arguments
  let selection: Selection
  try {
    options = parseArguments(process.argv.slice(2))
    selection = select(options.only, { cases, servers })
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options.help) return console.log(usage)

  const report = await bench(selection, options)
  console.log(renderReport(report))
  if (options.write) await write(report)
}

async function bench(selection: Selection, options: Arguments): Promise<Report> {
  const effort = options.quick ? quick : thorough
  const machine = thisMachine()
  const programs = selection.servers.flatMap((server) => Object.values(server.programs))
  const compiled = await compile(['load/load', ...new Set(programs.map((program) => `servers/${program}`))])
  const load = new Program<LoadAnswers>({ name: 'the load generator', file: compiled('load/load') })

  const measurements = await measure({
    ...selection,
    effort,
    load,
    start: ({ name, programs, env }, task, flags) =>
      new Program<ServerAnswers>({ name, file: compiled(`servers/${programs[task]}`), env, flags }),
    progress: (name) => console.error(`measuring ${name}`),
  })
  await load.stop()
  return { date: new Date(), machine, effort, results: new Results(measurements) }
}

async function write(report: Report): Promise<void> {
  const folder = new URL('./results/', import.meta.url)
  const file = new URL(reportFileName(report), folder)
  await mkdir(folder, { recursive: true })
  await writeFile(file, renderReport(report))
  console.error(`written: ${file.pathname}`)
}
