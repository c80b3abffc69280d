import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common'
import { Auction } from './auction.ts'
import { LOTS } from './lots.ts'

/** All auctions, which begin together. As a pipe it finds one by its id: `@UpgradeParam('id', Auctions) auction: Auction`. */
@Injectable()
export class Auctions implements PipeTransform<string, Auction> {
  readonly #auctions = new Map(LOTS.map((lot) => [lot.id, new Auction(lot)]))

  get all(): Auction[] {
    return [...this.#auctions.values()]
  }

  has(id: string): boolean {
    return this.#auctions.has(id)
  }

  /** Throws what becomes 404. */
  transform(id: string): Auction {
    const auction = this.#auctions.get(id)
    if (!auction) throw new NotFoundException('There is no such auction.')
    return auction
  }
}
