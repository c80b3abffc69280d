import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import type { Request } from 'express'
import { Auctions } from './auctions.ts'

/** For pages and opening handshakes alike: an auction that there is not is answered with 404. */
@Injectable()
export class AuctionGuard implements CanActivate {
  readonly #auctions: Auctions

  constructor(@Inject(Auctions) auctions: Auctions) {
    this.#auctions = auctions
  }

  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<Request<{ id: string }>>()
    this.#auctions.transform(params.id)
    return true
  }
}
