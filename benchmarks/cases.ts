import type { Case } from './cases/case.ts'
import { echo } from './cases/echo.ts'
import { handshake } from './cases/handshake.ts'
import { idle } from './cases/idle.ts'

export const cases: readonly Case[] = [
  echo({ bytes: 16, inFlight: 1 }),
  echo({ bytes: 16, inFlight: 32 }),
  echo({ bytes: 1024, inFlight: 1 }),
  echo({ bytes: 1024, inFlight: 32 }),
  echo({ bytes: 65_536, inFlight: 1 }),
  echo({ bytes: 65_536, inFlight: 32 }),
  handshake(),
  idle(),
]
