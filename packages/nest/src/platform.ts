import type { INestApplication } from '@nestjs/common'
import type { OnArrival, Platform } from './arrival.ts'
import { ExpressPlatform } from './express-platform.ts'
import { FastifyPlatform } from './fastify-platform.ts'

/** Throws a TypeError for a framework that is not known. */
export function platformOf(app: INestApplication, onArrival: OnArrival): Platform {
  const adapter = app.getHttpAdapter()
  const type = adapter.getType()
  if (type === 'express') return new ExpressPlatform(adapter, onArrival)
  if (type === 'fastify') return new FastifyPlatform(adapter, onArrival)
  throw new TypeError(
    `UpwireAdapter stands on @nestjs/platform-express or @nestjs/platform-fastify, not on ${type}`,
  )
}
