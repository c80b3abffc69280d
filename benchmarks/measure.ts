import type { Case, LoadProgram, Reading, ServerProgram, Trial } from './cases/case.ts'
import type { Effort } from './effort.ts'
import type { Server, Task } from './servers.ts'

export interface Measurement extends Reading {
  readonly server: string
  readonly round: number
}

export interface Bench {
  readonly cases: readonly Case[]
  readonly servers: readonly Server[]
  readonly effort: Effort
  readonly load: LoadProgram
  start(server: Server, task: Task, flags?: readonly string[]): ServerProgram
  /** Told what is measured next. */
  progress(name: string): void
}

/**
 * Measures each case on all servers in turns, one at a time: when the machine gets slower for a while, it does so for
 * all of them, and the costs of a round can be held against one another.
 */
export async function measure(bench: Bench): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const current of bench.cases) {
    bench.progress(current.name)
    const { processes, rounds } = current.turns(bench.effort)
    for (let process = 0; process < processes; process++) {
      measurements.push(...(await measureProcesses(current, bench, process * rounds, rounds)))
    }
  }
  return measurements
}

/** One new process of each server, through `rounds` rounds, numbered from `firstRound`. */
async function measureProcesses(
  { task, open }: Case,
  { servers, effort, load, start }: Bench,
  firstRound: number,
  rounds: number,
): Promise<Measurement[]> {
  const trials: { server: string; trial: Trial }[] = []
  for (const server of servers.filter(({ programs }) => programs[task] !== undefined)) {
    const trial = await open((flags) => start(server, task, flags), load, effort)
    trials.push({ server: server.name, trial })
  }
  const measurements: Measurement[] = []
  for (let round = firstRound; round < firstRound + rounds; round++) {
    for (const { server, trial } of rotate(trials, round)) {
      for (const reading of await trial.measure()) measurements.push({ ...reading, server, round })
    }
  }
  for (const { trial } of trials) await trial.close()
  return measurements
}

/** Each round starts one further, so that nobody always has the same place in it. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
