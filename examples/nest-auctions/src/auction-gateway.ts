import { type ArgumentsHost, Catch, UseFilters, UseGuards } from '@nestjs/common'
import {
  BaseWsExceptionFilter,
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import { type GatewayOptions, type GatewayServer, UpgradeParam, UseUpgradeGuards } from '@upwire/nest'
import { concat, defer, finalize, map, type Observable, of } from 'rxjs'
import { type Auction, type Bid, BidRefused } from './auction.ts'
import { AuctionGuard } from './auction-guard.ts'
import { AuctioneerGuard } from './auctioneer-guard.ts'
import { Auctions } from './auctions.ts'
import { BidMessage } from './bid-message.ts'
import type { Lot } from './lots.ts'
import type { Person } from './person.ts'
import { SessionGuard } from './session-guard.ts'
import { validated } from './validated.ts'

/** What the page is sent, beside Nest's `exception`. */
export type AuctionEvent =
  | {
      readonly event: 'auction'
      readonly data: {
        readonly you: Person
        readonly lot: Lot
        readonly bids: readonly Bid[]
        readonly minimum: number
      }
    }
  | { readonly event: 'bid'; readonly data: { readonly bid: Bid; readonly minimum: number } }
  /** Seconds. */
  | { readonly event: 'countdown'; readonly data: number }
  /** The bid that won, or null. */
  | { readonly event: 'closed'; readonly data: Bid | null }

/** Tells a bidder why a bid does not count. */
@Catch(BidRefused)
class BidRefusedFilter extends BaseWsExceptionFilter {
  override catch({ message }: BidRefused, host: ArgumentsHost): void {
    super.catch(new WsException(message), host)
  }
}

/** One room for each auction, on the path of its page. */
@UseUpgradeGuards(SessionGuard, AuctionGuard)
@UseFilters(BidRefusedFilter)
@WebSocketGateway<GatewayOptions>({ path: '/auctions/:id', maxPayload: 4096, messageRate: 20 })
export class AuctionGateway {
  @WebSocketServer()
  readonly server!: GatewayServer<Person>
  readonly #watching = new WeakSet<WebSocket>()

  handleConnection(
    @ConnectedSocket() socket: WebSocket<Person>,
    @UpgradeParam('id', Auctions) { lot, bids, minimum }: Auction,
  ): void {
    socket.subscribe(topicOf(lot))
    socket.send(encode({ event: 'auction', data: { you: socket.data, lot, bids, minimum } }))
  }

  /** Streams the countdown until the auction or the connection closes. */
  @SubscribeMessage('watch')
  watch(
    @ConnectedSocket() socket: WebSocket<Person>,
    @UpgradeParam('id', Auctions) auction: Auction,
  ): Observable<AuctionEvent> {
    if (this.#watching.has(socket)) throw new WsException('The countdown is on its way already.')
    this.#watching.add(socket)
    return concat(
      auction.countdown.pipe(map((seconds): AuctionEvent => ({ event: 'countdown', data: seconds }))),
      defer(() => of<AuctionEvent>({ event: 'closed', data: auction.highest ?? null })),
    ).pipe(finalize(() => this.#watching.delete(socket)))
  }

  @SubscribeMessage('bid')
  bid(
    @ConnectedSocket() socket: WebSocket<Person>,
    @UpgradeParam('id', Auctions) auction: Auction,
    @MessageBody(validated(BidMessage)) { amount }: BidMessage,
  ): void {
    const bid = auction.bid(socket.data, amount)
    const event: AuctionEvent = { event: 'bid', data: { bid, minimum: auction.minimum } }
    this.server.publish(topicOf(auction.lot), event)
  }

  /** Ends every countdown, and so tells everybody. */
  @UseGuards(AuctioneerGuard)
  @SubscribeMessage('close')
  close(@UpgradeParam('id', Auctions) auction: Auction): void {
    auction.close()
  }
}

function topicOf({ id }: Lot): string {
  return `auctions/${id}`
}

function encode(event: AuctionEvent): string {
  return JSON.stringify(event)
}
