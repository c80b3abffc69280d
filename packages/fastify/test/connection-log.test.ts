import Fastify, { LogController } from 'fastify'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import { closeOf, closing, connect, createApp, createLoggingApp } from './harness.ts'

describe('the line at the end of a connection', () => {
  it.each([
    ['the close code of the peer', 4000],
    ['none', 1005],
  ])('has %s, the duration in milliseconds and the messages that came', async (_what, code) => {
    const { app, lines } = await createLoggingApp()
    app.ws('/', { message() {} })
    const socket = await connect(app)
    socket.send('one')
    socket.send('two')
    socket.close(code === 1005 ? undefined : code)
    await closeOf(socket)
    await app.close()
    const [line] = lines.filter(({ msg }) => msg === 'websocket closed')
    expect(line).toMatchObject({ level: 30, reqId: 'req-1', code, messages: 2 })
    expect(line.duration).toBeGreaterThan(0)
  })

  const isRoot = ({ url }: { url?: string }) => url === '/'

  class Silent extends LogController {
    override isLogDisabled = isRoot
  }

  it.each([
    ['is turned off', { disableRequestLogging: true }],
    ['is turned off for this request', { disableRequestLogging: isRoot }],
    ['is turned off by a controller', { logController: new LogController({ disableRequestLogging: true }) }],
    ['is turned off for this request by a controller', { logController: new Silent() }],
  ])('is left out where the logging of requests %s', async (_how, options) => {
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const app = closing(Fastify({ logger: { stream }, ...(options as object) }))
    await app.register(upwire)
    app.ws('/', { message() {} })
    const socket = await connect(app)
    socket.close()
    await closeOf(socket)
    expect(lines.filter((line) => line.includes('websocket closed'))).toEqual([])
  })

  it('needs no logger', async () => {
    const app = await createApp()
    app.ws('/', { message() {} })
    const socket = await connect(app)
    socket.close()
    expect(await closeOf(socket)).toBe('1005')
  })
})
