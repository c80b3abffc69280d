import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { measure, SIMULATED, startDevice } from '../src/simulated-device.ts'
import { BOILER, type RunningApp, startApp } from './running-app.ts'

const HABITS = { usual: 60, swing: 5, noise: 1, period: 40 }

describe('measure', () => {
  it('waves around what is usual, and is rounded to hundredths', () => {
    const values = Array.from({ length: 400 }, (_, index) => measure(HABITS, index * 100))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(54)
    expect(Math.max(...values)).toBeLessThanOrEqual(66)
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(5)
    expect(values.every((value) => Number(value.toFixed(2)) === value)).toBe(true)
  })
})

describe('a simulated device', () => {
  let running: RunningApp

  beforeEach(async () => {
    running = await startApp()
  })

  afterEach(() => running.close())

  it('measures again and again until its connection ends', async () => {
    const answers: unknown[] = []
    const token = running.app.jwt.sign(BOILER)
    const third = new Promise<void>((resolve) => {
      startDevice(`ws://127.0.0.1:${running.port}/measurements`, {
        token,
        habits: HABITS,
        interval: 1,
        hear: (answer) => {
          if (answers.push(answer) === 3) resolve()
        },
      })
    })
    await third
    expect(answers.slice(0, 3)).toEqual([{ received: 0 }, { received: 1 }, { received: 2 }])
    expect(running.board.series).toMatchObject([{ device: BOILER }])
  })

  it('stops when the server goes', async () => {
    const token = running.app.jwt.sign(BOILER)
    const socket = startDevice(`ws://127.0.0.1:${running.port}/measurements`, { token, habits: HABITS })
    await once(socket, 'open')
    await running.app.close()
    expect(socket.readyState).not.toBe(1)
  })

  it('has an id and a name of its own', () => {
    const devices = SIMULATED.map(([device]) => device)
    expect(new Set(devices.map(({ id }) => id)).size).toBe(devices.length)
    expect(new Set(devices.map(({ name }) => name)).size).toBe(devices.length)
  })
})
