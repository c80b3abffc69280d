import { createServer } from 'node:http'
import { UpgradeRouter } from '@upwire/core'
import { control } from './control.ts'
import { perMessageDeflate } from './per-message-deflate.ts'

const server = createServer()
const router = new UpgradeRouter({ perMessageDeflate })

router.ws('/', {
  message(socket, data) {
    socket.send(data)
  },
})
router.attach(server)

control(server.listen(0, '127.0.0.1'))
