import 'reflect-metadata'
import { fileURLToPath } from 'node:url'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { UpwireAdapter } from '@upwire/nest'
import cookieParser from 'cookie-parser'
import type { RequestHandler } from 'express'
import { appModule } from './app-module.ts'
import type { Settings } from './settings.ts'

const PUBLIC = fileURLToPath(new URL('../public', import.meta.url))

/** No page, script, style or image of ours comes from elsewhere, and no other site may put a page of ours into a frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The application, not listening yet. */
export async function createApp(settings: Settings): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(appModule(settings), {
    logger: ['warn', 'error', 'fatal'],
    abortOnError: false,
    forceCloseConnections: true,
  })
  app.useWebSocketAdapter(new UpwireAdapter(app))
  app.disable('x-powered-by')
  app.use(secureHeaders, cookieParser())
  app.useStaticAssets(PUBLIC, { index: false })
  return app
}

const secureHeaders: RequestHandler = (_request, response, next) => {
  response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  response.set('X-Content-Type-Options', 'nosniff')
  response.set('Referrer-Policy', 'same-origin')
  next()
}
