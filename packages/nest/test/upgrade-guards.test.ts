import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, HttpAdapterHost, Reflector } from '@nestjs/core'
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import { UseUpgradeGuards } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { connect, listen, nextText, PLATFORMS } from './harness.ts'

interface User {
  readonly name: string
}

@Injectable()
class Users {
  find(token: string | undefined): User | undefined {
    return token === 'Bearer ada' ? { name: 'Ada' } : undefined
  }
}

@Injectable()
class TokenGuard implements CanActivate {
  readonly users: Users

  constructor(@Inject(Users) users: Users) {
    this.users = users
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest()
    request.user = this.users.find(request.headers.authorization)
    if (!request.user) throw new UnauthorizedException('No such user')
    return true
  }
}

class DenyAll implements CanActivate {
  canActivate(): boolean {
    return false
  }
}

const opened: unknown[] = []

@UseUpgradeGuards(TokenGuard)
@WebSocketGateway()
class GuardedGateway {
  handleConnection(socket: WebSocket<User>) {
    opened.push(socket)
    socket.send(`Hello, ${socket.data.name}`)
  }

  @SubscribeMessage('who')
  who(@ConnectedSocket() socket: WebSocket<User>) {
    return socket.data
  }
}

@UseUpgradeGuards(new DenyAll())
@WebSocketGateway()
class ClosedGateway {
  handleConnection(socket: unknown) {
    opened.push(socket)
  }
}

describe.each(PLATFORMS)('guards at the handshake, on $platform', ({ createPlatform }) => {
  const providers = [Users]

  it('refuse with 403 and the body of Nest, and no frame', async () => {
    opened.length = 0
    const app = await listen(createPlatform, { gateways: [ClosedGateway] })
    const client = await connect(app)
    expect(client.status).toBe(403)
    expect(JSON.parse(await client.body())).toEqual({
      message: 'Forbidden resource',
      error: 'Forbidden',
      statusCode: 403,
    })
    expect(opened).toEqual([])
  })

  it('refuse with the exception that they throw', async () => {
    const app = await listen(createPlatform, { gateways: [GuardedGateway], providers })
    const client = await connect(app)
    expect(client.status).toBe(401)
    expect(JSON.parse(await client.body())).toMatchObject({ message: 'No such user', statusCode: 401 })
  })

  it('leave whom they have found on the socket', async () => {
    const app = await listen(createPlatform, { gateways: [GuardedGateway], providers })
    const client = await connect(app, { headers: { authorization: 'Bearer ada' } })
    expect(client.status).toBe(101)
    expect(await nextText(client)).toBe('Hello, Ada')
  })

  it('hold for a path as a whole, when several gateways share it', async () => {
    @WebSocketGateway()
    class OpenGateway {}
    const app = await listen(createPlatform, { gateways: [OpenGateway, ClosedGateway] })
    expect((await connect(app)).status).toBe(403)
  })

  it('know the gateway, and what its metadata says', async () => {
    const seen: unknown[] = []
    class RoleGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        const places = [context.getHandler(), context.getClass()]
        seen.push(
          context.getType(),
          context.getClass().name,
          new Reflector().getAllAndOverride('role', places),
        )
        return true
      }
    }
    @SetMetadata('role', 'admin')
    @UseUpgradeGuards(RoleGuard)
    @WebSocketGateway()
    class AdminGateway {}
    const app = await listen(createPlatform, { gateways: [AdminGateway] })
    expect((await connect(app)).status).toBe(101)
    expect(seen).toEqual(['http', 'AdminGateway', 'admin'])
  })

  it('see the parameters of the path', async () => {
    @UseUpgradeGuards({ canActivate: (context) => context.switchToHttp().getRequest().params.id === '7' })
    @WebSocketGateway({ path: '/rooms/:id' })
    class RoomGateway {}
    const app = await listen(createPlatform, { gateways: [RoomGateway] })
    expect((await connect(app, '/rooms/7')).status).toBe(101)
    expect((await connect(app, '/rooms/8')).status).toBe(403)
  })

  it('are answered by the filters of the application', async () => {
    @Catch(UnauthorizedException)
    class LoginFilter implements ExceptionFilter {
      readonly host: HttpAdapterHost

      constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
        this.host = host
      }

      catch(_exception: unknown, host: ArgumentsHost) {
        const response = host.switchToHttp().getResponse()
        this.host.httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer')
        this.host.httpAdapter.reply(response, { login: '/login' }, 418)
      }
    }
    const app = await listen(createPlatform, {
      gateways: [GuardedGateway],
      providers: [Users, { provide: APP_FILTER, useClass: LoginFilter }],
    })
    const client = await connect(app)
    expect([client.status, client.headers.get('www-authenticate')]).toEqual([418, ['Bearer']])
    expect(JSON.parse(await client.body())).toEqual({ login: '/login' })
  })

  it('may be given to the adapter, for all gateways', async () => {
    @WebSocketGateway()
    class OpenGateway {}
    const app = await listen(createPlatform, {
      gateways: [OpenGateway],
      providers: [Users, TokenGuard],
      adapter: { upgradeGuards: [TokenGuard] },
    })
    expect((await connect(app)).status).toBe(401)
    expect((await connect(app, { headers: { authorization: 'Bearer ada' } })).status).toBe(101)
  })

  it('are those of the whole application too, where it asks for it', async () => {
    @WebSocketGateway()
    class OpenGateway {}
    const options = {
      gateways: [OpenGateway],
      providers: [Users, { provide: APP_GUARD, useClass: TokenGuard }],
    }
    const without = await listen(createPlatform, options)
    expect((await connect(without)).status).toBe(101)
    const app = await listen(createPlatform, { ...options, adapter: { globalEnhancers: ['upgrade'] } })
    expect((await connect(app)).status).toBe(401)
  })
})
