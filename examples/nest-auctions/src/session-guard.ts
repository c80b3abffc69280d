import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common'
import type { Request } from 'express'
import type { Person } from './person.ts'
import { Session } from './session.ts'

/** For pages and opening handshakes alike: who is not signed in reads 401, and for a WebSocket that comes before its 101. */
@Injectable()
export class SessionGuard implements CanActivate {
  readonly #session: Session

  constructor(@Inject(Session) session: Session) {
    this.#session = session
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & { user?: Person | undefined }>()
    request.user = await this.#session.personOf(request)
    if (!request.user) throw new UnauthorizedException('Sign in first.')
    return true
  }
}
