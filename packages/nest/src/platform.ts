import type { INestApplication, HttpServer as NestHttpAdapter } from '@nestjs/common'
import type { Platform } from './arrival.ts'
import { ExpressPlatform } from './express-platform.ts'
import { FastifyPlatform } from './fastify-platform.ts'

/** An application is prepared for upgrades once, however many adapters are made for it. */
const platforms = new WeakMap<NestHttpAdapter, Platform>()

/** Throws a TypeError for a framework that is not known. */
export function platformOf(app: INestApplication): Platform {
  const adapter = app.getHttpAdapter()
  const platform = platforms.get(adapter) ?? createPlatform(adapter)
  platforms.set(adapter, platform)
  return platform
}

function createPlatform(adapter: NestHttpAdapter): Platform {
  const type = adapter.getType()
  if (type === 'express') return new ExpressPlatform(adapter)
  if (type === 'fastify') return new FastifyPlatform(adapter)
  throw new TypeError(
    `UpwireAdapter stands on @nestjs/platform-express or @nestjs/platform-fastify, not on ${type}`,
  )
}
