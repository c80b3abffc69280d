import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'

describe('the package', () => {
  it('is the plugin, under each of its names and by require()', async () => {
    const all = await import('../src/index.ts')
    for (const name of ['default', 'fastifyWebsocket', 'module.exports']) {
      expect(Reflect.get(all, name)).toBe(upwire)
    }
    for (const name of ['default', 'fastifyWebsocket', 'upwire']) {
      expect(Reflect.get(upwire, name)).toBe(upwire)
    }
  })
})
