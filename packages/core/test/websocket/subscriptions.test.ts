import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import { openPair } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

describe('the topics of a connection', () => {
  it('are those it subscribed to, once each', () => {
    const topics = new TopicHub()
    const { socket } = openPair({ topics })
    expect([...socket.topics]).toEqual([])
    for (const topic of ['a', 'b', 'a']) socket.subscribe(topic)
    socket.unsubscribe('b')
    socket.unsubscribe('c')
    expect([[...socket.topics], topics.count('a'), topics.count('b')]).toEqual([['a'], 1, 0])
  })

  it('reach it, but for what it publishes itself', async () => {
    const topics = new TopicHub()
    const [one, other] = [openPair({ topics }), openPair({ topics })]
    for (const { socket } of [one, other]) socket.subscribe('a')
    expect(one.socket.publish('a', 'hello')).toBe(1)
    expect(await other.peer.texts(1)).toEqual(['hello'])
    await turns()
    expect(one.peer.received).toHaveLength(0)
  })

  it('are none when it has ended, nor can be any more', async () => {
    const topics = new TopicHub()
    const { socket } = openPair({ topics })
    socket.subscribe('a')
    socket.terminate()
    await once(socket, 'close')
    socket.subscribe('b')
    expect([[...socket.topics], topics.topics]).toEqual([[], []])
  })
})
