import { once } from 'node:events'
import { WebSocket } from '@upwire/core'
import { connectWhenTold } from './driver.ts'

connectWhenTold(async (url) => {
  const socket = new WebSocket(url, {
    maxPayload: 64 * 1024 * 1024,
    perMessageDeflate: { memory: 'per-connection', threshold: 0 },
  })
  socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
  await once(socket, 'close')
})
