import { Injectable, type PipeTransform } from '@nestjs/common'
import { WsException } from '@nestjs/websockets'
import { Auction } from './auction.ts'
import { LOTS } from './lots.ts'

/** Close code for an auction that there is not: the page does not come back by itself. */
export const NO_SUCH_AUCTION = 4404

/** All auctions, which begin together. As a pipe it finds one by its id: `@UpgradeParam('id', Auctions) auction: Auction`. */
@Injectable()
export class Auctions implements PipeTransform<string, Auction> {
  readonly #auctions = new Map(LOTS.map((lot) => [lot.id, new Auction(lot)]))

  get all(): Auction[] {
    return [...this.#auctions.values()]
  }

  find(id: string): Auction | undefined {
    return this.#auctions.get(id)
  }

  transform(id: string): Auction {
    const auction = this.find(id)
    if (auction) return auction
    throw new WsException({ code: NO_SUCH_AUCTION, message: 'There is no such auction.' })
  }
}
