import { rawRequest } from '@upwire/testkit'
import type { RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import { connect, EXPRESSES, serve } from './harness.ts'

/** Ways to write a path that has been used to get past a check which reads it in another way than the router. */
const TARGETS = [
  '/admin/users',
  '/admin/users/',
  '/admin',
  '/ADMIN/users',
  '/Admin/Users',
  '//admin/users',
  '/admin//users',
  '///admin///users',
  '/./admin/users',
  '/admin/./users',
  '/x/../admin/users',
  '/admin/../admin/users',
  '/%61dmin/users',
  '/%2561dmin/users',
  '/admin%2fusers',
  '/admin%2Fusers',
  '/%2fadmin/users',
  '/admin%5cusers',
  '/admin\\users',
  '\\admin\\users',
  '/admin;a=b/users',
  '/admin;/users',
  '/;/admin/users',
  '/admin.json/users',
  '/admin%00/users',
  '/admin%20/users',
  '/admin/users?x=/open',
  '/admin/users#/open',
  '/open?/admin/users',
  '/admin/%zz',
  '/admin/%c0%af',
  '/admin%e2%80%8b/users',
  'http://127.0.0.1/admin/users',
  'HTTP://127.0.0.1/admin/users',
  'http://user@elsewhere.example/admin/users',
  'http://127.0.0.1//admin/users',
  'http://127.0.0.1?/admin/users',
  'admin/users',
  '*',
  '/open',
  '/open/users',
]

const denied: RequestHandler = (_request, response) => void response.status(401).send('denied')

describe.each(EXPRESSES)('on $version, HTTP and WebSocket have one way in:', ({ express }) => {
  /** Everything is open, as a page and as a WebSocket, but what middleware denies. */
  async function application() {
    const app = upwire(express())
    const admin = upwire(express.Router())
    app.use('/admin', denied)
    app.use(/^\/v\d+\/admin/, denied)
    app.all('/:section/secret', denied)
    app.ws(/.*/, () => {})
    app.use(
      '/admin',
      admin.ws(/.*/, () => {}),
    )
    app.get(/.*/, (_request, response) => void response.send('open'))
    return serve(app)
  }

  it.each([
    ...TARGETS,
    '/v1/admin/x',
    '/v1%2fadmin/x',
    '/a/secret',
    '/a/secret/',
    '/a/SECRET',
    '/a/%73ecret',
  ])('what middleware denies for %j, it denies for both', async (target) => {
    const server = await application()
    const page = await rawRequest(
      server,
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    )
    const socket = await connect(server, { target })
    const { status } = socket
    if (page.status === 200) expect([101, 400]).toContain(status)
    else expect(status).toBe(page.status)
    page.reset()
  })
})
