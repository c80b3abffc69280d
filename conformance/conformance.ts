import { type Arguments, parseArguments, select, usage } from './arguments.ts'
import { sections as allSections } from './cases/sections.ts'
import type { Verdict } from './driver/judge.ts'
import { casesFor, runCases } from './driver/run.ts'
import { withEndpoint } from './driver/with-endpoint.ts'
import { renderDetails, renderDifferences, renderTable } from './report.ts'
import { differences, mergeResults, readExpected, resultsOf, writeExpected } from './results.ts'
import type { Target } from './targets/targets.ts'
import type { Section } from './vocabulary/case.ts'

const allIds = allSections.flatMap(({ cases }) => cases.map(({ id }) => id))

await main()

async function main(): Promise<void> {
  let options: Arguments
  let sections: Section[]
  try {
    options = parseArguments(process.argv.slice(2))
    sections = select(allSections, options.only)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options.help) return console.log(usage)
  for (const target of options.targets) await examine(target, sections, options)
}

async function examine(target: Target, sections: readonly Section[], { update }: Arguments): Promise<void> {
  const verdicts = await verdictsOf(target, sections)
  console.log(`\n${target.name}\n\n${renderTable(sections, verdicts)}\n`)
  for (const detail of renderDetails(sections, verdicts)) console.log(detail)

  const results = resultsOf(verdicts)
  const expected = await readExpected(target.name)
  if (update) return writeExpected(target.name, mergeResults(expected, results, allIds))
  const found = differences(expected, results)
  if (found.length === 0) return
  process.exitCode = 1
  console.error(`\nOtherwise than expected/${target.name}.json says:`)
  for (const line of renderDifferences(found)) console.error(line)
}

/** Section by section, so that the slow ones keep no case waiting whose time is taken. */
function verdictsOf(target: Target, sections: readonly Section[]): Promise<Map<string, Verdict>> {
  return withEndpoint(target, async (endpoint) => {
    const verdicts = new Map<string, Verdict>()
    for (const { number, title, cases } of sections) {
      console.error(`${target.name}: ${number} ${title}`)
      for (const [id, verdict] of await runCases(casesFor(target.role, cases), endpoint))
        verdicts.set(id, verdict)
    }
    return verdicts
  })
}
