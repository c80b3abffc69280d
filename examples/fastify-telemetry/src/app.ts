import { join } from 'node:path'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import { upwire } from '@upwire/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { Board } from './board.ts'
import { dashboard } from './dashboard.ts'
import { devices } from './devices.ts'
import { keptSecret } from './secret.ts'

export interface AppSettings {
  /** Holds what must outlive a restart: the sessions, and the secrets that are not given. */
  readonly directory: string
  /** Signs the session cookie. */
  readonly sessionSecret?: string | undefined
  /** Signs the tokens of devices. */
  readonly deviceSecret?: string | undefined
  readonly board?: Board
}

/** No page, script, style or image of ours comes from elsewhere, and no other site may put a page of ours into a frame. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
}

/** The application, not listening yet. Tokens of devices are made with its `app.jwt.sign()`. */
export async function createApp(settings: AppSettings): Promise<FastifyInstance> {
  const { directory, board = new Board() } = settings
  const app = Fastify({
    logger: { level: 'warn' },
    // As it is set by default, a broken sensor's null would be taken for a measured 0.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  })
  await app.register(upwire, { maxPayload: 1024 })
  await app.register(helmet, { contentSecurityPolicy: CONTENT_SECURITY_POLICY })
  await app.register(jwt, { secret: settings.deviceSecret ?? keptSecret(join(directory, 'device-secret')) })
  await app.register(devices, { board })
  await app.register(dashboard, {
    board,
    secret: settings.sessionSecret ?? keptSecret(join(directory, 'session-secret')),
    sessions: join(directory, 'sessions.json'),
  })
  return app
}
