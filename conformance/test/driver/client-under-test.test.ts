import { close } from '@upwire/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { ClientUnderTest } from '../../driver/client-under-test.ts'
import type { Verdict } from '../../driver/judge.ts'
import { runCase } from '../../driver/run.ts'
import { caseOf } from '../support/case.ts'
import { echoing, failing, type OnFrame } from '../support/manners.ts'
import { rawConnect } from '../support/raw-client.ts'

const TEXT = '1.1.2'
const RESERVED_BITS = '3.1'

let masks = 0
/** A key for each frame. */
const masked = () => {
  masks += 1
  return { mask: Buffer.of(masks >> 8, masks & 0xff, 3, 4) }
}
const echo = echoing(masked)

let client: ClientUnderTest | undefined
afterEach(() => client?.close())

async function verdictOn(
  id: string,
  onFrame: OnFrame,
  headers?: Record<string, string | null>,
): Promise<Verdict> {
  client = await ClientUnderTest.listen((url) => rawConnect(url, onFrame, headers))
  return runCase(caseOf(id), client)
}

describe('a client that does right', () => {
  it.each([TEXT, '2.2', '21.3.3', '21.3.4'])('is strict in %s', async (id) => {
    expect(await verdictOn(id, echo)).toEqual({ kind: 'strict' })
  })

  it('is strict where it fails the connection as it should', async () => {
    expect(await verdictOn(RESERVED_BITS, failing(1002, masked))).toEqual({ kind: 'strict' })
  })

  it('has not implemented what it does not offer', async () => {
    expect(await verdictOn('12.1.1', echo)).toEqual({ kind: 'unimplemented', needs: 'permessage-deflate' })
  })
})

describe('a client that does otherwise', () => {
  it.each<[string, string, OnFrame, string]>([
    ['does not mask', TEXT, echoing(() => ({ mask: false })), 'sent an unmasked frame as a client'],
    ['masks with one key', TEXT, echoing(() => ({})), 'with the same key'],
    ['takes reserved bits', RESERVED_BITS, echo, 'got text of 13'],
    ['opens a connection it must refuse', '21.4.6', echo, 'got text of 5'],
    ['closes before it echoes', TEXT, (_, stream) => stream.end(close(1000, '', masked())), 'got close 1000'],
  ])('has failed when it %s', async (_, id, onFrame, difference) => {
    const verdict = await verdictOn(id, onFrame)
    expect(verdict).toMatchObject({ kind: 'failed', difference: expect.stringContaining(difference) })
  })

  it.each<[string, Record<string, string | null>, string]>([
    ['asks for another version', { 'sec-websocket-version': '8' }, 'did not ask for version 13'],
    ['sends a short key', { 'sec-websocket-key': 'AAAA' }, 'a key that is not 16 bytes'],
    ['sends no Host', { host: null }, 'without Host'],
  ])('has failed when it %s', async (_, headers, difference) => {
    expect(await verdictOn(TEXT, echo, headers)).toMatchObject({
      kind: 'failed',
      difference: expect.stringContaining(difference),
    })
  })
})
