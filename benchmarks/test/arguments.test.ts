import { describe, expect, it } from 'vitest'
import { parseArguments, select } from '../arguments.ts'
import { cases } from '../cases.ts'
import { servers } from '../servers.ts'

describe('parseArguments', () => {
  it('measures everything thoroughly when nothing is said', () => {
    expect(parseArguments([])).toEqual({ quick: false, write: false, help: false, only: [] })
  })

  it('splits the names of --only', () => {
    expect(parseArguments(['--only=echo,ws', '--quick']).only).toEqual(['echo', 'ws'])
  })

  it('refuses an option that does not exist', () => {
    expect(() => parseArguments(['--fast'])).toThrow('--fast')
  })
})

describe('select', () => {
  it('keeps all cases and all servers when nothing is chosen', () => {
    expect(select([], { cases, servers })).toEqual({ cases, servers })
  })

  it('takes a name that exists for that one alone, and keeps the floor', () => {
    expect(names(['ws'])).toEqual({ cases: cases.map(({ name }) => name), servers: ['net', 'ws'] })
  })

  it('takes any other name for all that begin with it', () => {
    expect(names(['echo-64KiB', 'upwire'])).toEqual({
      cases: ['echo-64KiB-1', 'echo-64KiB-32'],
      servers: [
        'net',
        'upwire-core',
        'upwire-core-per-connection',
        'upwire-express',
        'upwire-fastify',
        'upwire-nest',
      ],
    })
  })

  it('keeps the order of the table and takes nothing twice', () => {
    expect(names(['idle', 'handshake', 'idle', 'net'])).toEqual({
      cases: ['handshake', 'idle'],
      servers: ['net'],
    })
  })

  it('refuses a name that chooses nothing and tells which there are', () => {
    expect(() => select(['express-w', 'socket.io'], { cases, servers })).toThrow(
      /--only=socket\.io: nothing is called that. Write one of echo-16B-1, .*upwire-express/,
    )
  })
})

function names(only: string[]): { cases: string[]; servers: string[] } {
  const selection = select(only, { cases, servers })
  return {
    cases: selection.cases.map(({ name }) => name),
    servers: selection.servers.map(({ name }) => name),
  }
}
