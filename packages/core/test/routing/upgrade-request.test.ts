import { describe, expectTypeOf, it } from 'vitest'
import type { AnyParams, ParamsOf, UpgradeRequest } from '../../src/routing/upgrade-request.ts'

describe('ParamsOf', () => {
  it('has a string for each parameter of the path', () => {
    expectTypeOf<ParamsOf<'/rooms/:room'>>().toEqualTypeOf<{ readonly room: string }>()
    expectTypeOf<ParamsOf<'/rooms/:room/users/:user'>>().toEqualTypeOf<{
      readonly room: string
      readonly user: string
    }>()
  })

  it('has nothing for a path without parameters', () => {
    expectTypeOf<keyof ParamsOf<'/chat'>>().toEqualTypeOf<never>()
  })

  it('may lack a parameter that is optional', () => {
    expectTypeOf<ParamsOf<'/rooms/:room?'>>().toEqualTypeOf<{ readonly room?: string }>()
  })

  it('has the rest of the path under *', () => {
    expectTypeOf<ParamsOf<'/files/*'>>().toEqualTypeOf<{ readonly '*': string }>()
  })

  it.each(['/near/:lat-:lng', '/:file.:type', '/id/:id(^\\d+)'] as const)(
    'has any string for %s, which it does not take apart',
    (path) => {
      expectTypeOf<ParamsOf<typeof path>['lat']>().toEqualTypeOf<string>()
    },
  )

  it('has any string for a path the compiler does not know', () => {
    expectTypeOf<ParamsOf<string>>().toEqualTypeOf<AnyParams>()
    expectTypeOf<UpgradeRequest['params']>().toEqualTypeOf<AnyParams>()
  })
})
