import type { ExecutionContext } from '@nestjs/common'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { WsException } from '@nestjs/websockets'
import { describe, expect, it } from 'vitest'
import { AuctioneerGuard } from '../src/auctioneer-guard.ts'
import type { Role } from '../src/person.ts'

describe('AuctioneerGuard', () => {
  it('lets the auctioneer pass', () => {
    expect(new AuctioneerGuard().canActivate(messageOf('auctioneer'))).toBe(true)
  })

  it('tells anybody else why not', () => {
    expect(() => new AuctioneerGuard().canActivate(messageOf('bidder'))).toThrow(
      new WsException('Only the auctioneer can do that.'),
    )
  })
})

function messageOf(role: Role): ExecutionContext {
  return new ExecutionContextHost([{ data: { role } }])
}
