import type { INestApplication } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { platformOf } from '../src/platform.ts'
import { createApp, PLATFORMS } from './harness.ts'

describe('platformOf', () => {
  it.each(PLATFORMS)('knows $platform', async ({ platform, createPlatform }) => {
    const app = await createApp(createPlatform, {
      prepare: (app) => expect(app.getHttpAdapter().getType()).toBe(platform.toLowerCase()),
    })
    await app.init()
  })

  it.each(PLATFORMS)('prepares an application on $platform once', async ({ createPlatform }) => {
    await createApp(createPlatform, {
      prepare: (app) => expect(platformOf(app)).toBe(platformOf(app)),
    })
  })

  it('names what it does not stand on', () => {
    const app = { getHttpAdapter: () => ({ getType: () => 'koa' }) } as unknown as INestApplication
    expect(() => platformOf(app)).toThrow('@nestjs/platform-fastify, not on koa')
  })
})
