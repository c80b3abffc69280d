import { describe, expect, it, vi } from 'vitest'
import { HeldSends } from '../../src/websocket/held-sends.ts'
import { turns } from '../support/turns.ts'

/** A Blob whose bytes come when the test says so. */
function slowBlob(size: number) {
  let settle: { resolve(bytes: ArrayBuffer): void; reject(error: Error): void } | undefined
  const bytes = new Promise<ArrayBuffer>((resolve, reject) => {
    settle = { resolve, reject }
  })
  const blob = Object.assign(new Blob(['x'.repeat(size)]), { arrayBuffer: () => bytes })
  return {
    blob,
    arrive: () => settle?.resolve(new ArrayBuffer(size)),
    fail: (error: Error) => settle?.reject(error),
  }
}

function holding() {
  const sent: string[] = []
  const over = vi.fn()
  const connection = {}
  const held = HeldSends.begin(connection, over)
  const put = (name: string, bytes: number, blob?: Blob) => {
    const callback = (error?: Error | null) => void sent.push(`${name}: ${error?.message}`)
    held.put({ blob, bytes, callback, send: (payload) => void sent.push(`${name} ${payload.length}`) })
  }
  return { held, sent, over, put }
}

describe('what is sent behind a Blob', () => {
  it('waits for it, and for the next, in order', async () => {
    const { held, sent, over, put } = holding()
    const [first, second] = [slowBlob(3), slowBlob(5)]
    put('first', 3, first.blob)
    put('text', 7)
    put('second', 5, second.blob)
    put('close', 0)
    second.arrive()
    await turns(1)
    expect([sent, held.bytes]).toEqual([[], 15])
    first.arrive()
    await turns(1)
    expect([sent, held.bytes]).toEqual([['first 3', 'text 0', 'second 5', 'close 0'], 0])
    expect(over.mock.calls).toEqual([[]])
  })

  it('is given up with the Blob that cannot be read', async () => {
    const { held, sent, over, put } = holding()
    const { blob, fail } = slowBlob(3)
    put('blob', 3, blob)
    put('text', 7)
    const error = new Error('not readable')
    fail(error)
    await turns(1)
    expect([sent, held.bytes, over.mock.calls]).toEqual([
      ['blob: not readable', 'text: not readable'],
      0,
      [[error]],
    ])
  })

  it.each(['arrive', 'fail'] as const)('is abandoned once, whatever the Blob does then: %s', async (how) => {
    const { held, sent, over, put } = holding()
    const slow = slowBlob(3)
    put('blob', 3, slow.blob)
    put('text', 7)
    held.abandon(new Error('closed'))
    slow[how](new Error('too late'))
    await turns(1)
    expect([sent, held.bytes, over.mock.calls]).toEqual([['blob: closed', 'text: closed'], 0, []])
  })
})
