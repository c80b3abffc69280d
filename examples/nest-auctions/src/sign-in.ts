import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import {
  Body,
  Controller,
  Get,
  Inject,
  Post,
  Query,
  Res,
  UnauthorizedException,
  ValidationPipe,
} from '@nestjs/common'
import { Matches, MaxLength } from 'class-validator'
import type { Response } from 'express'
import { Auctions } from './auctions.ts'
import { sendPage } from './pages.ts'
import type { Role } from './person.ts'
import { Session } from './session.ts'
import { Settings } from './settings.ts'

/** The fields of the form. */
export class SignInForm {
  @Matches(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'_-]{0,23}$/u, {
    message: "A name is 1 to 24 letters, digits, spaces and . ' _ -, and starts with a letter or digit.",
  })
  readonly name!: string

  /** Empty for bidders. */
  @MaxLength(200, { message: 'A password has 200 characters at most.' })
  readonly password: string = ''
}

const formPipe = new ValidationPipe({ expectedType: SignInForm, transform: true, whitelist: true })

/** Signs in with a name, and with a password as the auctioneer. */
@Controller()
export class SignInController {
  readonly #session: Session
  readonly #settings: Settings
  readonly #auctions: Auctions

  constructor(
    @Inject(Session) session: Session,
    @Inject(Settings) settings: Settings,
    @Inject(Auctions) auctions: Auctions,
  ) {
    this.#session = session
    this.#settings = settings
    this.#auctions = auctions
  }

  @Get('sign-in')
  page(@Res() response: Response): void {
    sendPage(response, 'sign-in.html')
  }

  /** Leads to the auction in `?auction=`, or to the first. */
  @Post('sign-in')
  async signIn(
    @Body(formPipe) { name, password }: SignInForm,
    @Query('auction') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const person = { id: randomUUID(), name, role: this.#roleFor(password) }
    await this.#session.begin(person, response)
    response.redirect(303, this.#auctions.has(id) ? `/auctions/${id}` : '/')
  }

  @Post('sign-out')
  signOut(@Res() response: Response): void {
    this.#session.end(response)
    response.redirect(303, '/sign-in')
  }

  #roleFor(password: string): Role {
    if (password === '') return 'bidder'
    if (isSame(password, this.#settings.auctioneerPassword)) return 'auctioneer'
    throw new UnauthorizedException('That is not the password of the auctioneer.')
  }
}

/** Takes the same time whatever the difference is. */
function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(first, second)
}
