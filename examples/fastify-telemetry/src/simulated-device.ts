import { WebSocket } from '@upwire/core'
import type { Device } from './measurements.ts'

/** Two waves and some noise around a usual value, as what is measured in a room or on a roof. */
interface Habits {
  readonly usual: number
  readonly swing: number
  readonly noise: number
  /** Of the slower wave, in seconds. */
  readonly period: number
}

/** Devices to look at where there are no others. */
export const SIMULATED: readonly (readonly [Device, Habits])[] = [
  [
    { id: 'greenhouse', name: 'Greenhouse', unit: '°C' },
    { usual: 24, swing: 2.5, noise: 0.15, period: 48 },
  ],
  [
    { id: 'cold-store', name: 'Cold store', unit: '°C' },
    { usual: -18, swing: 0.8, noise: 0.1, period: 26 },
  ],
  [
    { id: 'solar-roof', name: 'Solar roof', unit: 'W' },
    { usual: 3200, swing: 900, noise: 60, period: 70 },
  ],
  [
    { id: 'cellar', name: 'Wine cellar', unit: '% humidity' },
    { usual: 68, swing: 3, noise: 0.4, period: 90 },
  ],
]

/** What such a device measures at a time, in milliseconds. */
export function measure({ usual, swing, noise, period }: Habits, at: number, random = Math.random): number {
  const turn = (2 * Math.PI * at) / (period * 1000)
  const value =
    usual + swing * (0.7 * Math.sin(turn) + 0.3 * Math.sin(turn * 3.7)) + noise * (2 * random() - 1)
  return Math.round(value * 100) / 100
}

/** Measures `interval` milliseconds apart until its connection ends. What the server says to it goes to `hear`. */
export function startDevice(
  address: string,
  { token, habits, interval = 500, hear = () => {} }: DeviceSettings,
): WebSocket {
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
  let sequence = 0
  let timer: NodeJS.Timeout | undefined
  const send = (): void => {
    socket.send(JSON.stringify({ sequence, value: measure(habits, Date.now()) }))
    sequence += 1
  }
  socket.on('open', () => {
    send()
    timer = setInterval(send, interval)
  })
  socket.on('message', (data) => hear(JSON.parse(String(data))))
  socket.on('close', () => clearInterval(timer))
  return socket
}

export interface DeviceSettings {
  readonly token: string
  readonly habits: Habits
  readonly interval?: number
  hear?(answer: unknown): void
}
