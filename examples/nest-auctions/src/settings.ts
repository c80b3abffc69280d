import { randomBytes } from 'node:crypto'

/** What the environment says about the application. A class, so that Nest can inject it. */
export class Settings {
  /** Signs the sessions. Default: a random one, with which nobody is signed in any more after a restart. */
  readonly jwtSecret: string
  /** What makes somebody the auctioneer. Default: a random one. */
  readonly auctioneerPassword: string

  constructor({ JWT_SECRET, AUCTIONEER_PASSWORD }: NodeJS.ProcessEnv) {
    this.jwtSecret = JWT_SECRET || randomBytes(32).toString('base64url')
    this.auctioneerPassword = AUCTIONEER_PASSWORD || randomBytes(9).toString('base64url')
  }
}
