import type { Fuzzer } from './fuzzer.ts'
import { connections } from './fuzzers/connections.ts'
import { frames } from './fuzzers/frames.ts'
import { framesBesideWs } from './fuzzers/frames-beside-ws.ts'
import { headerLists } from './fuzzers/header-lists.ts'
import { headersBesideWs } from './fuzzers/headers-beside-ws.ts'
import { inflater } from './fuzzers/inflater.ts'
import { negotiation } from './fuzzers/negotiation.ts'
import { openingRequest } from './fuzzers/opening-request.ts'
import { roundTrips } from './fuzzers/round-trips.ts'

/** All of them, in the order in which they run. */
export const fuzzers: readonly Fuzzer[] = [
  frames,
  framesBesideWs,
  connections,
  roundTrips,
  headerLists,
  headersBesideWs,
  openingRequest,
  negotiation,
  inflater,
]
