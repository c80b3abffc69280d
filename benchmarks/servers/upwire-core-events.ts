import { createServer } from 'node:http'
import { UpgradeRouter } from '@upwire/core'
import { control } from './control.ts'

const server = createServer()
const router = new UpgradeRouter()

router.ws('/', {
  message(socket, message) {
    const { event, data } = JSON.parse(String(message))
    if (event === 'echo') socket.send(JSON.stringify({ event, data }))
  },
})
router.attach(server)

control(server.listen(0, '127.0.0.1'))
