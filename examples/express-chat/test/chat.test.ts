import { binary, close, text } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningChat, startChat } from './running-chat.ts'

let chat: RunningChat

beforeEach(async () => {
  chat = await startChat()
})

afterEach(() => chat.close())

describe('coming and going', () => {
  it('welcomes a visitor with who is there', async () => {
    const { welcome: first } = await chat.join(await chat.signIn('Ada'))
    expect(first).toEqual({ type: 'welcome', you: person('Ada'), people: [person('Ada')], history: [] })
    const { welcome: second } = await chat.join(await chat.signIn('Grace'))
    expect(second).toMatchObject({ you: person('Grace'), people: [person('Ada'), person('Grace')] })
  })

  it('tells the others who joined and who left', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const { visitor: grace } = await chat.join(await chat.signIn('Grace'))
    expect(await ada.next()).toEqual({ type: 'joined', user: person('Grace') })
    grace.client.write(close(1001))
    expect(await ada.next()).toEqual({ type: 'left', user: person('Grace') })
  })

  it('tells that somebody left whose connection broke', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const { visitor: grace } = await chat.join(await chat.signIn('Grace'))
    await ada.next()
    grace.client.reset()
    expect(await ada.next()).toEqual({ type: 'left', user: person('Grace') })
  })

  it('takes two tabs of one user for one person', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const cookie = await chat.signIn('Grace')
    const { visitor: firstTab } = await chat.join(cookie)
    const { visitor: secondTab, welcome } = await chat.join(cookie)
    expect(welcome.people).toEqual([person('Ada'), person('Grace')])
    firstTab.client.write(close(1001))
    await firstTab.client.nextClose()
    secondTab.send({ type: 'say', id: 'g-1', text: 'Still here' })
    expect(await ada.next()).toMatchObject({ type: 'joined' })
    expect(await ada.next()).toMatchObject({ type: 'said', text: 'Still here' })
  })

  it('keeps rooms apart', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'), 'lounge')
    const { visitor: grace, welcome } = await chat.join(await chat.signIn('Grace'), 'kitchen')
    expect(welcome.people).toEqual([person('Grace')])
    grace.send({ type: 'say', id: 'g-1', text: 'Only for the kitchen' })
    await grace.next()
    ada.send({ type: 'ping', id: 'a-1' })
    expect(await ada.next()).toEqual({ type: 'pong', id: 'a-1' })
  })
})

describe('talking', () => {
  it('sends what is said to everybody in the room, the speaker among them', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const { visitor: grace } = await chat.join(await chat.signIn('Grace'))
    await ada.next()
    grace.send({ type: 'say', id: 'g-1', text: 'Hello' })
    const said = { type: 'said', id: 'g-1', from: person('Grace'), text: 'Hello', at: expect.any(Number) }
    expect(await ada.next()).toEqual(said)
    expect(await grace.next()).toEqual(said)
  })

  it('gives what was said to those who come later', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    ada.send({ type: 'say', id: 'a-1', text: 'Hello' })
    await ada.next()
    const { welcome } = await chat.join(await chat.signIn('Grace'))
    expect(welcome.history).toEqual([
      { id: 'a-1', from: person('Ada'), text: 'Hello', at: expect.any(Number) },
    ])
  })

  it('answers a message that is sent again, and does not repeat it to the others', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const { visitor: grace } = await chat.join(await chat.signIn('Grace'))
    await ada.next()
    grace.send({ type: 'say', id: 'g-1', text: 'Hello' })
    grace.send({ type: 'say', id: 'g-1', text: 'Hello' })
    grace.send({ type: 'say', id: 'g-2', text: 'Bye' })
    for (const id of ['g-1', 'g-1', 'g-2']) expect(await grace.next()).toMatchObject({ type: 'said', id })
    for (const id of ['g-1', 'g-2']) expect(await ada.next()).toMatchObject({ type: 'said', id })
  })

  it('tells the others, and only them, who is typing', async () => {
    const { visitor: ada } = await chat.join(await chat.signIn('Ada'))
    const { visitor: grace } = await chat.join(await chat.signIn('Grace'))
    await ada.next()
    grace.send({ type: 'typing' })
    grace.send({ type: 'ping', id: 'g-1' })
    expect(await ada.next()).toEqual({ type: 'typing', user: person('Grace') })
    expect(await grace.next()).toEqual({ type: 'pong', id: 'g-1' })
  })

  it.each([
    ['text that is no JSON', text('Hello')],
    ['binary data', binary(Buffer.from('{"type":"typing"}'))],
    ['an unknown type', text('{"type":"shout"}')],
  ])('answers %s with an error and goes on', async (_what, frame) => {
    const { visitor } = await chat.join(await chat.signIn('Ada'))
    visitor.client.write(frame)
    expect(await visitor.next()).toEqual({ type: 'error', message: expect.any(String) })
    visitor.send({ type: 'ping', id: 'a-1' })
    expect(await visitor.next()).toEqual({ type: 'pong', id: 'a-1' })
  })

  it('closes with 1009 what sends more than 16 KiB in one message', async () => {
    const { visitor } = await chat.join(await chat.signIn('Ada'))
    visitor.client.write(text('x'.repeat(16 * 1024 + 1)))
    expect(await visitor.client.nextClose()).toMatchObject({ code: 1009 })
  })
})

function person(name: string) {
  return { id: expect.stringMatching(/^[0-9a-f-]{36}$/), name }
}
