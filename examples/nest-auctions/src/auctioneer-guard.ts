import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { WsException } from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import type { Person } from './person.ts'

/** For messages that are the auctioneer's alone. */
export class AuctioneerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { role } = context.switchToWs().getClient<WebSocket<Person>>().data
    if (role === 'auctioneer') return true
    throw new WsException('Only the auctioneer can do that.')
  }
}
