import { createServer, type IncomingMessage } from 'node:http'
import WebSocket, { type ClientOptions, type RawData, type ServerOptions, WebSocketServer } from '@upwire/ws'

/** Never run: it has to compile, as it does with `@types/ws`. */
export function program(): void {
  const serverOptions: ServerOptions = {
    port: 0,
    perMessageDeflate: { zlibDeflateOptions: { chunkSize: 1024 } },
  }
  const wss: WebSocketServer = new WebSocketServer(serverOptions, () => {})
  const old: WebSocket.Server = new WebSocket.Server({ server: createServer(), path: '/chat' })
  const rooms = new Map<string, Set<WebSocket>>()

  wss.on('connection', (ws: WebSocket, request: IncomingMessage) => {
    rooms.set(request.url ?? '/', new Set([ws]))
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
    ws.on('message', (data: Buffer) => data.equals(data))
    ws.on('message', (data: WebSocket.Data) => data.toString())
    ws.on('message', function (data: RawData) {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)
      this.send(bytes.toString(), (error) => error?.message)
    })
      .once('close', (code, reason) => code.toFixed() + reason.toString('utf8'))
      .on('pong', (payload) => payload.length)
      .on('error', (error) => error.message)
    ws.on('own event', (anything: { here: true }) => anything.here)
  })
  for (const client of wss.clients) {
    if (client.readyState === WebSocket.OPEN && client !== [...old.clients][0]) client.send('hi')
  }
  wss.handleUpgrade({} as IncomingMessage, {} as never, Buffer.alloc(0), (ws: WebSocket, request) => {
    wss.emit('connection', ws, request)
  })

  const clientOptions: ClientOptions = { headers: { cookie: 'a=b' }, maxPayload: 1, handshakeTimeout: 1 }
  const client = new WebSocket('ws://localhost', ['a', 'b'], clientOptions)
  client.onmessage = (event) => event.data.toString()
  client.onmessage = ({ data }: WebSocket.MessageEvent) => data.toString()
  client.addEventListener('message', ({ data }) => data.toString())
  client.onclose = ({ code, reason, wasClean }) => [code.toFixed(), reason.trim(), wasClean]
  client.addEventListener('error', ({ message }) => message.trim(), { once: true })
  client.on('unexpected-response', (request, { statusCode }) => [request.path, statusCode])
  client.binaryType = 'arraybuffer'
  client.terminate()
}
