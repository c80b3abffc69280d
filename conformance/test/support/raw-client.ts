import { connect } from 'node:net'
import { formatHead } from '../../driver/http-head.ts'
import { handleFrames, type OnFrame } from './manners.ts'

/** Connects without an engine. `headers` stand in the request instead of the right ones, or beside them. */
export function rawConnect(url: string, onFrame: OnFrame, headers: Record<string, string | null> = {}): void {
  const { port, host, pathname } = new URL(url)
  const stream = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  const request = formatHead(`GET ${pathname} HTTP/1.1`, {
    host,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...headers,
  })
  stream.write(request)
  let head = Buffer.alloc(0)
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    stream.off('data', onHead)
    handleFrames(stream, onFrame)
    stream.emit('data', head.subarray(end + 4))
  }
  stream.on('data', onHead)
  stream.on('error', () => {})
}
