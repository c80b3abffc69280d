import { describe, expect, it } from 'vitest'
import { requestPath } from '../../src/handshake/opening-request.ts'
import { PathTable } from '../../src/routing/path-table.ts'
import { openingRequest } from '../handshake/request.ts'

function tableOf(...paths: string[]): PathTable<string> {
  const table = new PathTable<string>()
  for (const path of paths) table.add(path, path)
  return table
}

describe('a PathTable', () => {
  it('finds what was added for a path', () => {
    expect(tableOf('/chat', '/news').find('/news')).toEqual({ value: '/news', params: {} })
  })

  it('finds nothing for any other path', () => {
    expect(tableOf('/chat').find('/chats')).toBeUndefined()
    expect(new PathTable().find('/')).toBeUndefined()
  })

  it.each([
    ['/rooms/:room', '/rooms/blue', { room: 'blue' }],
    ['/rooms/:room', '/rooms/%C3%A9t%C3%A9', { room: 'été' }],
    ['/rooms/:room/users/:user', '/rooms/1/users/2', { room: '1', user: '2' }],
    ['/rooms/:room?', '/rooms', {}],
    ['/rooms/:room?', '/rooms/blue', { room: 'blue' }],
    ['/files/*', '/files/a/b', { '*': 'a/b' }],
    ['/id/:id(^\\d+)', '/id/42', { id: '42' }],
    ['/near/:lat-:lng', '/near/1-2', { lat: '1', lng: '2' }],
    ['/a::b', '/a:b', {}],
    ['/:name', '/__proto__', { name: '__proto__' }],
  ])('matches %s with %s', (path, requested, params) => {
    expect(tableOf(path).find(requested)).toEqual({ value: path, params })
  })

  it.each([
    ['/id/:id(^\\d+)', '/id/x'],
    ['/rooms/:room', '/rooms/a/b'],
    ['/rooms/:room', `/rooms/${'a'.repeat(2049)}`],
  ])('does not match %s with %s', (path, requested) => {
    expect(tableOf(path).find(requested)).toBeUndefined()
  })

  it('lets a fixed segment win over a parameter, and that over the rest', () => {
    const table = tableOf('/rooms/*', '/rooms/:room', '/rooms/lobby')
    expect(table.find('/rooms/lobby')?.value).toBe('/rooms/lobby')
    expect(table.find('/rooms/blue')?.value).toBe('/rooms/:room')
    expect(table.find('/rooms/blue/1')?.value).toBe('/rooms/*')
  })

  it('gives params without a prototype to fall back on', () => {
    expect(Object.getPrototypeOf(Object.getPrototypeOf(tableOf('/chat').find('/chat')?.params))).toBeNull()
  })
})

describe('one spelling of a path', () => {
  const table = tableOf('/admin', '/rooms/:room', '/files/*')

  it.each([
    ['a doubled slash', '//admin'],
    ['a trailing slash', '/admin/'],
    ['another case', '/Admin'],
    ['path parameters', '/admin;x=1'],
    ['an encoded slash in front', '/%2fadmin'],
    ['an encoded slash behind', '/admin%2f'],
    ['an empty parameter', '/rooms/'],
    ['an empty rest', '/files/'],
    ['a doubled slash before a parameter', '/rooms//blue'],
    ['a dot segment', '/rooms/.'],
    ['a dot segment out of the rest', '/files/../admin'],
    ['an encoded dot segment', '/files/%2e%2E/admin'],
    ['a dot segment that is half encoded', '/files/.%2e/admin'],
    ['a bad percent-encoding', '/rooms/%zz'],
    ['a percent-encoding cut short', '/rooms/%4'],
    ['a percent-encoding that is no UTF-8', '/rooms/%ff'],
    ['an empty path', ''],
  ])('is not matched with %s', (_, path) => {
    expect(table.find(path)).toBeUndefined()
  })

  it.each([
    ['percent-encoded letters', '/%61dmin', { value: '/admin', params: {} }],
    ['an encoded slash in a parameter', '/rooms/a%2Fb', { value: '/rooms/:room', params: { room: 'a/b' } }],
    ['; in a parameter', '/rooms/a;b', { value: '/rooms/:room', params: { room: 'a;b' } }],
    ['dots inside a segment', '/rooms/..a', { value: '/rooms/:room', params: { room: '..a' } }],
  ])('is matched with %s', (_, path, match) => {
    expect(table.find(path)).toEqual(match)
  })

  it.each([
    ['a query', '/admin?next=/rooms/blue'],
    ['the absolute form', 'http://server.example/admin'],
    ['the absolute form and a query', 'http://server.example/admin?next=/rooms/blue'],
  ])('is what requestPath reads from a target with %s', (_, url) => {
    const path = requestPath(openingRequest({}, { url }))
    expect(table.find(path ?? '')?.value).toBe('/admin')
  })
})

describe('adding to a PathTable', () => {
  it.each([
    [undefined, "A path must be a string such as '/chat/:room', not undefined"],
    ['chat', "The path 'chat' must begin with a slash; write '/chat'"],
    ['', "The path '' must begin with a slash; write '/'"],
    ['/chat?room=:room', "The path '/chat?room=:room' has a query or a fragment; write the path alone"],
    ['/chat#room', "The path '/chat#room' has a query or a fragment"],
    ['/chat/:', "The path '/chat/:' has a parameter without a name; write '/:name'"],
    ['/:id/:id', "The path '/:id/:id' has the parameter 'id' twice; give each a name of its own"],
    ['/files/*/x', "The path '/files/*/x' cannot be added: Wildcard must be the last character in the route"],
    ['/:id((a+)+$)', "The path '/:id((a+)+$)' cannot be added: The regex '((a+)+$)' is not safe!"],
    ['/:a?/b', "The path '/:a?/b'"],
  ])('refuses %j', (path, message) => {
    const add = () => new PathTable().add(path as string, 1)
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
  })

  it.each([
    ['/chat', '/chat'],
    ['/rooms/:name', '/rooms/:room'],
    ['/rooms/:room?', '/rooms/:room'],
    ['/rooms/:room?', '/rooms'],
  ])('refuses %s when there is %s already', (path, other) => {
    const table = tableOf(other)
    expect(() => table.add(path, path)).toThrow(TypeError)
    expect(() => table.add(path, path)).toThrow(`The path '${path}' cannot be added: `)
  })

  it('accepts a question mark in a pattern', () => {
    expect(tableOf('/:id(^ab?$)').find('/a')?.params).toEqual({ id: 'a' })
  })
})
