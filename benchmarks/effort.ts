/** How often a case is measured. */
export interface Turns {
  /** Processes of each server, one after the other: two that do the same may be compiled differently and differ in speed. */
  readonly processes: number
  /** Measurements of each process, in turns with those of the other servers. */
  readonly rounds: number
}

/** How long and how often to measure; the turns are those of messages and handshakes. */
export interface Effort extends Turns {
  /** Length of one measurement of messages or handshakes. */
  readonly milliseconds: number
  /** Length of the same messages before the first of them, for the compiler to settle. */
  readonly warmUpMilliseconds: number
  /** The handshakes before the first measurement of them: fewer, and it is the interpreter that is measured. */
  readonly warmUpHandshakes: number
  /** Processes of each server that hold idle connections, measured once each. */
  readonly idleProcesses: number
}

export const thorough: Effort = {
  processes: 3,
  rounds: 3,
  milliseconds: 150,
  warmUpMilliseconds: 400,
  warmUpHandshakes: 6_000,
  idleProcesses: 4,
}

export const quick: Effort = {
  processes: 1,
  rounds: 3,
  milliseconds: 100,
  warmUpMilliseconds: 150,
  warmUpHandshakes: 2_000,
  idleProcesses: 1,
}
