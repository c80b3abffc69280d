import { createApp } from './app.ts'
import { parsePort } from './port.ts'
import { Settings } from './settings.ts'

const port =
  parsePort(process.env.PORT) ?? fail(`PORT must be a number from 0 to 65535, not "${process.env.PORT}"`)
const settings = new Settings(process.env)

const app = await createApp(settings)
app.enableShutdownHooks()

try {
  await app.listen(port)
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
  fail(`Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm run start:nest`)
}

const { port: openPort } = new URL(await app.getUrl())
console.log(`The auctions are open at http://localhost:${openPort}`)
console.log(`The auctioneer signs in with the password ${settings.auctioneerPassword}`)

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
