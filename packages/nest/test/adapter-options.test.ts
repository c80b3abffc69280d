import { describe, expect, it } from 'vitest'
import { resolveAdapterOptions, type UpwireAdapterOptions } from '../src/adapter-options.ts'
import { parseJson } from '../src/codec.ts'

class Guard {
  canActivate() {
    return true
  }
}

describe('the options of the adapter', () => {
  it('have defaults', () => {
    expect(resolveAdapterOptions({})).toEqual({
      route: {},
      messageParser: parseJson,
      upgradeGuards: [],
      globalEnhancers: [],
      globalPrefix: false,
      shutdown: {},
    })
  })

  it('are those of routes and those of the adapter, told apart', () => {
    const { route, globalPrefix } = resolveAdapterOptions({ maxPayload: 5, globalPrefix: true })
    expect([route, globalPrefix]).toEqual([{ maxPayload: 5 }, true])
  })

  it('may have guards by their class, and guards that are made', () => {
    const upgradeGuards = [Guard, new Guard()]
    expect(resolveAdapterOptions({ upgradeGuards }).upgradeGuards).toBe(upgradeGuards)
  })

  it.each([
    [{ messageParser: 'JSON' }, 'write (data) => JSON.parse(String(data))'],
    [
      { globalEnhancers: true },
      "Option globalEnhancers must be a list of 'upgrade' and 'messages', not true",
    ],
    [{ globalEnhancers: ['http'] }, `a list of 'upgrade' and 'messages', not ["http"]`],
    [{ upgradeGuards: Guard }, 'Option upgradeGuards must be a list of guards, by class or made'],
    [{ upgradeGuards: ['Guard'] }, 'write upgradeGuards: [TokenGuard]'],
    [{ globalPrefix: 'api' }, 'Option globalPrefix must be true or false, not "api"'],
    [{ maxPaylod: 5 }, 'There is no option maxPaylod; did you mean maxPayload?'],
    [{ shutdown: { deadline: -1 } }, 'deadline must be a time in milliseconds'],
  ])('are refused when they cannot be used: %j', (options, message) => {
    expect(() => resolveAdapterOptions(options as UpwireAdapterOptions)).toThrow(message)
  })
})
