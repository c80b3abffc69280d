import type { Case } from './cases/case.ts'
import { compressedEcho, echo, eventEcho } from './cases/echo.ts'
import { fanOut } from './cases/fan-out.ts'
import { handshake } from './cases/handshake.ts'
import { compressedIdle, idle } from './cases/idle.ts'

export const cases: readonly Case[] = [
  echo({ bytes: 16, inFlight: 1 }),
  echo({ bytes: 16, inFlight: 32 }),
  echo({ bytes: 1024, inFlight: 1 }),
  echo({ bytes: 1024, inFlight: 32 }),
  echo({ bytes: 65_536, inFlight: 1 }),
  echo({ bytes: 65_536, inFlight: 32 }),
  compressedEcho({ inFlight: 1 }),
  compressedEcho({ inFlight: 32 }),
  eventEcho({ inFlight: 1 }),
  eventEcho({ inFlight: 32 }),
  fanOut({ compressed: false }),
  fanOut({ compressed: true }),
  handshake(),
  idle(),
  compressedIdle({ messages: 0 }),
  compressedIdle({ messages: 4 }),
]
