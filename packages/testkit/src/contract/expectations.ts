import type { ConnectionStats } from '@upwire/core'
import { expect, vi } from 'vitest'
import type { RawClient } from '../raw-client.ts'
import type { Answer, RunningApplication } from './application.ts'

/** How often it is looked whether something has come about, and how long it may take, in milliseconds. */
const SOON = { interval: 1, timeout: 3000 }

/** That this is the answer to the last byte, that no 101 and no frame came, and that the server has ended. */
export async function expectRefused(client: RawClient, answer: Answer): Promise<void> {
  const { status, headers = {}, body = '' } = answer
  await expectStatus(client, status)
  for (const [name, value] of Object.entries(headers)) {
    expect(client.headers.get(name.toLowerCase())).toEqual([value])
  }
  expect(client.received.toString()).toBe(body)
}

/** That it is an HTTP response with one of these statuses, whatever it says, and that the server has ended. */
export async function expectStatus(client: RawClient, ...statuses: readonly number[]): Promise<void> {
  await client.ended
  expect(statuses).toContain(client.status)
  expect(client.headers.has('sec-websocket-accept')).toBe(false)
  expect(client.headers.get('connection')?.join()).toMatch(/\bclose$/i)
}

/** That the application counts so: at once, or as soon as its streams have closed. */
export function expectStats({ stats }: RunningApplication, counts: Partial<ConnectionStats>): Promise<void> {
  return vi.waitFor(() => expect(stats()).toMatchObject(counts), SOON)
}

/** Waits for something that has no event of its own. */
export async function happens(what: () => boolean): Promise<void> {
  await vi.waitUntil(what, SOON)
}

/** That the next message is this text. */
export async function expectText(client: RawClient, text: string): Promise<void> {
  const { opcode, payload } = await client.nextFrame()
  expect([opcode, payload.toString()]).toEqual([0x1, text])
}
