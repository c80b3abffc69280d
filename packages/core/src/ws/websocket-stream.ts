import { Duplex, type DuplexOptions } from 'node:stream'
import type { WebSocket } from '../websocket/websocket.ts'

/**
 * A duplex stream over a socket, be it open or still connecting. What is written is sent, chunk by chunk; messages are
 * read, text as its bytes, or as strings with `readableObjectMode`. Ending it starts the closing handshake, destroying it
 * terminates the socket, and an error of the socket is one of the stream. The socket is paused while nobody reads.
 *
 * Options are those of a `Duplex`, but for `objectMode`, `writableObjectMode`, `autoDestroy` and `emitClose`.
 */
export function createWebSocketStream(socket: WebSocket, options: DuplexOptions = {}): Duplex {
  /** What broke the protocol is answered with a Close frame, which terminating would cut off. */
  let closesByItself = false

  const onceOpen = (act: () => void): void => {
    if (socket.readyState === socket.CONNECTING) socket.once('open', act)
    else act()
  }
  const announceClose = () => process.nextTick(() => duplex.emit('close'))

  const duplex: Duplex = new Duplex({
    ...options,
    // The stream ends when the socket does, and that takes a closing handshake.
    autoDestroy: false,
    emitClose: false,
    objectMode: false,
    writableObjectMode: false,

    read() {
      if (socket.isPaused) socket.resume()
    },
    write(chunk, _encoding, callback) {
      onceOpen(() => void socket.send(chunk, callback))
    },
    final(callback) {
      onceOpen(() => {
        const { _socket: transport } = socket
        // Without one the handshake has failed: an error follows.
        if (transport === null) return
        if (!transport.writableFinished) {
          transport.once('finish', () => callback())
          return socket.close()
        }
        callback()
        if (duplex.readableEnded) duplex.destroy()
      })
    },
    destroy(error, callback) {
      if (socket.readyState === socket.CLOSED) {
        callback(error)
        return void announceClose()
      }
      let failure = error
      let isTold = false
      const tell = () => {
        if (!isTold) callback(failure)
        isTold = true
      }
      socket.once('error', (last) => {
        failure = last
        tell()
      })
      socket.once('close', () => {
        tell()
        announceClose()
      })
      if (!closesByItself) socket.terminate()
    },
  })

  socket.on('message', (data, isBinary) => {
    const wantsString = !isBinary && duplex.readableObjectMode
    if (!duplex.push(wantsString ? String(data) : data)) socket.pause()
  })
  socket.once('error', (error) => {
    if (duplex.destroyed) return
    closesByItself = true
    duplex.destroy(error)
  })
  socket.once('close', () => {
    if (!duplex.destroyed) duplex.push(null)
  })
  duplex.on('end', () => {
    if (!duplex.destroyed && duplex.writableFinished) duplex.destroy()
  })
  duplex.on('error', function onError(error) {
    duplex.off('error', onError)
    duplex.destroy()
    // With no other listener it has to throw, as it would without this one.
    if (duplex.listenerCount('error') === 0) duplex.emit('error', error)
  })
  return duplex
}
