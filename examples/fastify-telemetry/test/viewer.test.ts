import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { SIGNED_OUT, Viewer } from '../src/viewer.ts'
import { BOILER, type RunningApp, startApp } from './running-app.ts'

const ADA = { id: 'ada', name: 'Ada' }

function watch() {
  const sent: string[] = []
  const socket = {
    hasRoom: true,
    send(text: string) {
      sent.push(text)
      return socket.hasRoom
    },
    close: vi.fn(),
  }
  return { sent, socket, viewer: new Viewer(ADA, socket) }
}

describe('Viewer', () => {
  it('sends everything to who keeps up', () => {
    const { sent, viewer } = watch()
    for (const text of ['a1', 'a2', 'a3']) viewer.show('a', text)
    expect([sent, viewer.waiting]).toEqual([['a1', 'a2', 'a3'], 0])
  })

  it('keeps the latest of each device for who does not, and sends it when the socket has drained', () => {
    const { sent, socket, viewer } = watch()
    socket.hasRoom = false
    viewer.show('a', 'a1')
    for (const text of ['a2', 'b1', 'a3', 'b2', 'a4']) viewer.show(text[0], text)
    expect([sent, viewer.waiting]).toEqual([['a1'], 2])
    socket.hasRoom = true
    viewer.catchUp()
    viewer.show('b', 'b3')
    expect([sent, viewer.waiting]).toEqual([['a1', 'a4', 'b2', 'b3'], 0])
  })

  it('stops catching up where the socket is full again', () => {
    const { sent, socket, viewer } = watch()
    socket.hasRoom = false
    for (const text of ['a1', 'a2', 'b1']) viewer.show(text[0], text)
    viewer.catchUp()
    expect([sent, viewer.waiting]).toEqual([['a1', 'a2'], 1])
    viewer.catchUp()
    expect([sent, viewer.waiting]).toEqual([['a1', 'a2', 'b1'], 0])
  })

  it('counts the welcome, too', () => {
    const { sent, socket, viewer } = watch()
    socket.hasRoom = false
    viewer.greet({ type: 'welcome', you: ADA, now: 0, series: [] })
    viewer.show('a', 'a1')
    expect(sent).toEqual(['{"type":"welcome","you":{"id":"ada","name":"Ada"},"now":0,"series":[]}'])
  })

  it('is closed with 4401 when the person signs out', () => {
    const { socket, viewer } = watch()
    viewer.dismiss()
    expect(socket.close).toHaveBeenCalledWith(SIGNED_OUT, 'Signed out')
  })
})

describe('a viewer that stops reading', () => {
  const MOST_READINGS = 400_000
  const PER_TURN = 500
  let running: RunningApp

  afterEach(() => running.close())

  it('costs no memory meanwhile, and gets the latest value when it reads again', {
    timeout: 60_000,
  }, async () => {
    running = await startApp()
    const { app, board } = running
    const { client } = await running.viewer(await running.signIn('Ada'))
    await client.nextFrame()
    const [socket] = app.websocketServer.clients
    const send = vi.spyOn(socket, 'send')
    onTestFinished(() => void send.mockRestore())
    client.pauseReading()

    let recorded = 0
    const record = async (count: number): Promise<void> => {
      for (const last = recorded + count; recorded < last; ) {
        recorded += 1
        board.record(BOILER, recorded)
        board.record({ ...BOILER, id: 'pump' }, -recorded)
        if (recorded % PER_TURN === 0) await nextTurn()
      }
    }
    // Until the kernel takes no more, and what is recorded in many turns leads to no further send().
    let sentBefore = -1
    while (send.mock.calls.length !== sentBefore && recorded < MOST_READINGS) {
      sentBefore = send.mock.calls.length
      await record(10 * PER_TURN)
    }
    const full = { sent: send.mock.calls.length, bytes: socket.bufferedAmount }
    await record(20_000)
    expect(socket.bufferedAmount).toBe(full.bytes)
    expect(send).toHaveBeenCalledTimes(full.sent)
    expect(full.bytes).toBeLessThan(256 * 1024)

    // As many messages are left out as were recorded since; the latest of each device follows what was sent.
    client.resumeReading()
    const frames = await client.frames(full.sent + 2)
    const latest = frames.slice(-2).map(({ payload }) => JSON.parse(payload.toString()).reading[1])
    expect(latest).toEqual([recorded, -recorded])
    board.record(BOILER, 7)
    expect(JSON.parse((await client.nextFrame()).payload.toString()).reading[1]).toBe(7)
  })
})
