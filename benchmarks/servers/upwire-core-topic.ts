import { createServer } from 'node:http'
import { UpgradeRouter } from '@upwire/core'
import { control } from './control.ts'
import { perMessageDeflate } from './per-message-deflate.ts'

// Each message goes to everybody else.
const server = createServer()
const router = new UpgradeRouter({ perMessageDeflate })

router.ws('/', {
  open(socket) {
    socket.subscribe('feed')
  },
  message(socket, data) {
    socket.publish('feed', data)
  },
})
router.attach(server)

control(server.listen(0, '127.0.0.1'))
