import { Inject, Injectable } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import type { Request, Response } from 'express'
import type { Person } from './person.ts'

const COOKIE = 'session'
/** In seconds. */
const LIFETIME = 12 * 60 * 60

/**
 * Who somebody is, as a signed token in a cookie. A browser sends it with each opening handshake; no script can read it,
 * and unlike a token in the URL it gets into no log and no history.
 */
@Injectable()
export class Session {
  readonly #jwt: JwtService

  constructor(@Inject(JwtService) jwt: JwtService) {
    this.#jwt = jwt
  }

  /** Signs somebody in. */
  async begin({ id, ...claims }: Person, response: Response): Promise<void> {
    const token = await this.#jwt.signAsync(claims, { subject: id, expiresIn: LIFETIME })
    const { secure } = response.req
    response.cookie(COOKIE, token, { httpOnly: true, sameSite: 'lax', secure, maxAge: LIFETIME * 1000 })
  }

  /** Signs out: the browser forgets the cookie. */
  end(response: Response): void {
    response.clearCookie(COOKIE)
  }

  /** Whose request it is; undefined without a cookie of ours that is still valid. */
  async personOf({ cookies }: Pick<Request, 'cookies'>): Promise<Person | undefined> {
    try {
      const { sub, name, role } = await this.#jwt.verifyAsync(cookies[COOKIE])
      return { id: sub, name, role }
    } catch {
      return undefined
    }
  }
}
