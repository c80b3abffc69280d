import { fileURLToPath } from 'node:url'
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Inject,
  Res,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import type { Request, Response } from 'express'
import { AuctionGuard } from './auction-guard.ts'
import { Auctions } from './auctions.ts'
import { SessionGuard } from './session-guard.ts'

const PAGES = fileURLToPath(new URL('../pages', import.meta.url))

export function sendPage(response: Response, name: string): void {
  response.sendFile(name, { root: PAGES })
}

/** Sends who is not signed in to sign in, and from there back to the auction. */
@Catch(UnauthorizedException)
class AskToSignIn implements ExceptionFilter {
  catch(_exception: UnauthorizedException, host: ArgumentsHost): void {
    const { params } = host.switchToHttp().getRequest<Request<{ id: string }>>()
    host
      .switchToHttp()
      .getResponse<Response>()
      .redirect(`/sign-in?auction=${encodeURIComponent(params.id)}`)
  }
}

@Controller()
export class PagesController {
  readonly #auctions: Auctions

  constructor(@Inject(Auctions) auctions: Auctions) {
    this.#auctions = auctions
  }

  @Get()
  root(@Res() response: Response): void {
    response.redirect(`/auctions/${this.#auctions.all[0].lot.id}`)
  }

  /** What there is to choose from. The page also learns here whether it is signed in. */
  @UseGuards(SessionGuard)
  @Get('auctions')
  list() {
    return this.#auctions.all.map(({ lot: { id, title } }) => ({ id, title }))
  }

  @UseGuards(SessionGuard, AuctionGuard)
  @UseFilters(AskToSignIn)
  @Get('auctions/:id')
  auction(@Res() response: Response): void {
    sendPage(response, 'auction.html')
  }
}
