import { WsAdapter } from '@nestjs/platform-ws'
import { control } from './control.ts'
import { createApp } from './gateway.ts'

const app = await createApp()
app.useWebSocketAdapter(new WsAdapter(app))
await app.listen(0, '127.0.0.1')

control(app.getHttpServer())
