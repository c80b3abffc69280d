import { WebSocket } from 'ws'
import { connectWhenTold } from './driver.ts'

connectWhenTold(async (url) => {
  const socket = new WebSocket(url)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  // The connection that an error is about is closed already, as it should be.
  socket.on('error', () => {})
})
