import type { DynamicModule } from '@nestjs/common'
import { JwtModule } from '@nestjs/jwt'
import { AuctionGateway } from './auction-gateway.ts'
import { Auctions } from './auctions.ts'
import { PagesController } from './pages.ts'
import { Session } from './session.ts'
import { Settings } from './settings.ts'
import { SignInController } from './sign-in.ts'

class AppModule {}

/** Everything that Nest puts together. */
export function appModule(settings: Settings): DynamicModule {
  const { jwtSecret } = settings
  return {
    module: AppModule,
    imports: [JwtModule.register({ secret: jwtSecret, verifyOptions: { algorithms: ['HS256'] } })],
    controllers: [PagesController, SignInController],
    providers: [{ provide: Settings, useValue: settings }, Session, Auctions, AuctionGateway],
  }
}
