import { expect } from 'vitest'
import { close, text } from '../frames.ts'
import type { RawClient } from '../raw-client.ts'
import type { ContractFunction, RunningApplication } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import type { ContractRun } from './contract-run.ts'
import { expectStats, expectText, happens } from './expectations.ts'

/** Subscribes to what the query names, says so, and then does what it is told. */
const member: ContractFunction = (socket, { url }) => {
  socket.subscribe(`${url?.split('?')[1]}`)
  socket.on('message', (message) => {
    const [verb, topic, data] = String(message).split(' ')
    if (verb === 'leave') socket.unsubscribe(topic)
    else socket.send(`${socket.publish(topic, data)} others`)
    if (verb === 'leave') socket.send(`left ${topic}`)
  })
  socket.send('ready')
}

async function join(run: ContractRun, application: RunningApplication, topic: string): Promise<RawClient> {
  const client = await run.connect(application, { path: `/chat?${topic}` })
  await expectText(client, 'ready')
  return client
}

export const topics: readonly ContractCase[] = [
  contractCase('what the application publishes reaches the subscribers, and nobody else', async (run) => {
    const application = await run.serve(member)
    const [first, second] = [await join(run, application, 'news'), await join(run, application, 'news')]
    const other = await join(run, application, 'weather')
    expect(application.publish('news', 'hello')).toBe(2)
    expect(application.publish('weather', Buffer.from('00ff', 'hex'))).toBe(1)
    expect(application.publish('nothing', 'hello')).toBe(0)
    await expectText(first, 'hello')
    await expectText(second, 'hello')
    expect(await other.nextFrame()).toMatchObject({ opcode: 0x2, payload: Buffer.from('00ff', 'hex') })
  }),

  contractCase('what a socket publishes reaches all subscribers but itself, over all routes', async (run) => {
    const application = await run.start({
      routes: [
        { path: '/chat', handler: member },
        { path: '/other', handler: member },
      ],
    })
    const sender = await join(run, application, 'news')
    const subscriber = await run.connect(application, { path: '/other?news' })
    await expectText(subscriber, 'ready')
    sender.write(text('publish news hello'))
    await expectText(sender, '1 others')
    await expectText(subscriber, 'hello')
    subscriber.write(text('publish news back'))
    await expectText(sender, 'back')
  }),

  contractCase('who unsubscribes, or has gone, gets no more', async (run) => {
    const application = await run.serve(member)
    const [leaving, gone] = [await join(run, application, 'news'), await join(run, application, 'news')]
    leaving.write(text('leave news now'))
    await expectText(leaving, 'left news')
    gone.write(close(1000))
    await gone.nextClose()
    await happens(() => application.clients.size === 1)
    expect(application.publish('news', 'hello')).toBe(0)
  }),

  contractCase('its connections are shown, and counted', async (run) => {
    const application = await run.serve(member)
    const [first, second] = [await join(run, application, 'a'), await join(run, application, 'b')]
    expect([...application.clients].map(({ topics }) => [...topics])).toEqual([['a'], ['b']])
    expect(application.stats()).toMatchObject({ open: 2, pending: 0, accepted: 2, rejected: 0, closed: {} })
    first.write(close(1000))
    second.reset()
    await expectStats(application, { open: 0, accepted: 2, closed: { 1000: 1, 1006: 1 } })
    expect(application.clients.size).toBe(0)
  }),
]
