import { createServer } from 'node:http'
import { UpgradeRouter } from '@upwire/core'
import { serve } from './driver.ts'

const server = createServer()
const router = new UpgradeRouter({
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: { memory: 'per-connection', threshold: 0 },
})

router.ws('/', {
  message(socket, data) {
    socket.send(data)
  },
})
router.attach(server)

await serve(server)
