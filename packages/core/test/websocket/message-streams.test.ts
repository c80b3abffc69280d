import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { deflateRawSync } from 'node:zlib'
import { binary, close, continuation, frame, ping, text, watchEachTest } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { deflaterFor } from '../../src/permessage-deflate/deflater.ts'
import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import type { StreamedMessage } from '../../src/websocket/streamed-message.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { bomb } from '../permessage-deflate/samples.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { heldBytes } from '../support/held-bytes.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'
import { open, openOverTcp, openPair, type PairOptions } from '../support/open-pair.ts'
import { fromPeer, ROLES } from '../support/peer.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = KIB * KIB
const NO_LIMIT = { maxPayload: Number.POSITIVE_INFINITY }
const SETTINGS = { threshold: 0, level: 1, memLevel: 8 }

watchEachTest()

/** A socket with streamed messages on a transport into which bytes are set. */
function streamed(options: PairOptions = {}) {
  const transport = new BlockableTransport()
  return { transport, ...open(transport, { messages: 'streamed', ...options }) }
}

function compressionOf(contextTakeover: boolean) {
  const side = { windowBits: 15, contextTakeover }
  return { deflater: deflaterFor(side, SETTINGS), inflater: new Inflater(side) }
}

describe.each(ROLES)('a loop over messages that are read while they arrive (%s)', (role) => {
  it('gets each with its parts, one after the other', async () => {
    const { socket, transport } = streamed({ role })
    transport.arrive(fromPeer(role, '0103 48656c', '8002 6c6f', '8200', '8102 6f6b', '8802 03e8'))
    const read: string[] = []
    socket.on('close', (code) => read.push(`closed ${code}`))
    for await (const message of socket.streams()) {
      read.push(`${message.isBinary}:${await message.text()}`)
      if (read.length === 3) transport.push(null)
    }
    expect(read).toEqual(['false:Hello', 'true:', 'false:ok', 'closed 1000'])
  })

  it('gets a part before the next has arrived', async () => {
    const { socket, transport } = streamed({ role })
    transport.arrive(fromPeer(role, '0101 61'))
    const { value: message } = await socket.streams().next()
    const parts = message?.[Symbol.asyncIterator]() as AsyncIterator<string>
    expect(await parts.next()).toEqual({ done: false, value: 'a' })
    transport.arrive(fromPeer(role, '8001 62'))
    expect(await parts.next()).toEqual({ done: false, value: 'b' })
    expect(await parts.next()).toEqual({ done: true, value: undefined })
  })

  it('discards what it did not begin to read, and the rest of what it left early', async () => {
    const { socket, transport } = streamed({ role })
    transport.arrive(fromPeer(role, '0101 61', '8001 62', '0101 63', '8001 64', '8101 65'))
    const read: unknown[] = []
    for await (const message of socket.streams()) {
      read.push('message')
      if (read.length === 1) continue
      for await (const part of message) {
        read.push(part)
        break
      }
      if (read.length === 5) break
    }
    expect(read).toEqual(['message', 'message', expect.stringMatching(/^cd?$/), 'message', 'e'])
  })
})

describe('messages that are read while they arrive', () => {
  it('go to the stream hook, which delays the next, and are discarded where it does not read them', async () => {
    const events: string[] = []
    let finish: () => void = () => {}
    const { transport } = streamed({
      hooks: {
        async stream(_socket, message) {
          const isRead = message.isBinary
          if (isRead) events.push(await message.text())
          else
            await new Promise<void>((resolve) => {
              finish = resolve
            })
          events.push('done')
        },
        close: () => events.push('close'),
      },
    })
    transport.arrive(binary(Buffer.from('1')), text('unread'), binary(Buffer.from('2')), close(1000))
    transport.push(null)
    await turns(10)
    expect(events).toEqual(['1', 'done'])
    finish()
    await turns(10)
    expect(events).toEqual(['1', 'done', 'done', '2', 'done', 'close'])
  })

  it('may be read on when the hook is done', async () => {
    const read: Promise<string>[] = []
    const { transport } = streamed({
      hooks: { stream: (_socket, message) => void read.push(message.text()) },
    })
    transport.arrive(text('Hel', { fin: false }))
    await turns()
    transport.arrive(continuation('lo'), text('next'))
    await turns(10)
    expect(await Promise.all(read)).toEqual(['Hello', 'next'])
  })

  it("go to 'stream' listeners, and wait there until they are read or cancelled", async () => {
    const messages: StreamedMessage[] = []
    const { socket, transport } = streamed()
    socket.on('stream', (message) => messages.push(message))
    transport.arrive(text('1'), text('2'), text('3'))
    await turns(10)
    expect(messages).toHaveLength(1)
    messages[0].cancel()
    await turns(10)
    expect(messages).toHaveLength(2)
    expect(await messages[1].text()).toBe('2')
    await turns(10)
    expect(await messages[2].text()).toBe('3')
  })

  it.each(['nobody', 'a listener that is gone', 'a hook of another kind'])(
    'are dropped where %s takes them',
    async (who) => {
      const { socket, transport } = streamed(who === 'nobody' ? { hooks: {} } : {})
      if (who === 'a listener that is gone') socket.once('stream', (message) => message.cancel())
      else if (who !== 'nobody') socket.on('stream', (message) => void message.text()).on('message', () => {})
      transport.arrive(text('1'), text('2'), close(1000))
      transport.push(null)
      await once(socket, 'close')
    },
  )

  it('wait for whoever begins to take them late', async () => {
    const { socket, transport } = streamed()
    transport.arrive(text('Hel', { fin: false }), continuation('lo'), text('next'))
    await turns()
    const texts: string[] = []
    for await (const message of socket.streams()) {
      texts.push(await message.text())
      if (texts.length === 2) break
    }
    expect(texts).toEqual(['Hello', 'next'])
  })

  it('are one way to take messages, whole ones another', async () => {
    expect(() => streamed().socket[Symbol.asyncIterator]()).toThrow(
      new TypeError('Messages are streamed here: write for await (… of socket.streams())'),
    )
    expect(() => openPair().socket.streams()).toThrow(
      new TypeError(
        "Messages are whole here: write for await (… of socket), or set the option messages: 'streamed'",
      ),
    )
    expect(() => new WebSocket(null).streams()).toThrow('This socket has no connection yet')
  })

  it('have control frames between their fragments answered at once', async () => {
    const { socket, transport } = streamed()
    socket.on('stream', () => {})
    transport.arrive(text('Hel', { fin: false }), ping('p'))
    await turns()
    expect(transport.written.toString('hex')).toBe('8a0170')
  })

  it('pause a peer that sends more than is read', async () => {
    const { socket, transport } = streamed({ limits: NO_LIMIT })
    const chunk = Buffer.alloc(16 * KIB)
    transport.arrive(binary(chunk, { fin: false }))
    const { value: message } = await socket.streams().next()
    const fragment = continuation(chunk, { fin: false })
    for (let count = 0; count < 20; count++) {
      transport.arrive(fragment)
      await turns(1)
    }
    expect(transport.isPaused()).toBe(true)
    expect(transport.readableLength).toBeGreaterThan(12 * 16 * KIB)
    let size = 0
    for await (const part of message ?? []) {
      size += part.length
      if (size === 21 * 16 * KIB) break
    }
    expect(transport.readableLength).toBe(0)
  })

  it('bound empty fragments', async () => {
    const { socket, transport, userErrors } = streamed()
    const empty = continuation('', { fin: false })
    transport.arrive(text('', { fin: false }), Buffer.alloc(empty.length * 1_000_000, empty))
    const { value: message } = await socket.streams().next()
    await expect(message?.text()).rejects.toMatchObject({ code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' })
    await turns()
    expect(transport.written.subarray(0, 4).toString('hex')).toBe('880203f0')
    expect(userErrors).toEqual([])
  })
})

describe('a message that is not read to its end, for', () => {
  const CUT = { code: 'UPWIRE_MESSAGE_CUT' }

  /** The text of a message of which two bytes have arrived. */
  async function halfRead(options?: PairOptions) {
    const opened = streamed(options)
    const read = once(opened.socket, 'stream').then(([message]) => message.text())
    read.catch(() => {})
    opened.transport.arrive(text('He', { fin: false }))
    await turns()
    return { ...opened, read }
  }

  it('the peer closes', async () => {
    const { socket, transport, read } = await halfRead()
    transport.arrive(close(1000))
    await expect(read).rejects.toMatchObject(CUT)
    await turns()
    expect(transport.written.toString('hex')).toBe('880203e8')
    expect(socket.readyState).toBe(WebSocket.CLOSING)
  })

  it('the peer is gone', async () => {
    const { transport, read } = await halfRead()
    transport.push(null)
    await expect(read).rejects.toMatchObject(CUT)
  })

  it('the stream is destroyed', async () => {
    const { socket, read } = await halfRead()
    socket.terminate()
    await expect(read).rejects.toMatchObject(CUT)
  })

  it('the peer breaks the protocol', async () => {
    const { transport, read } = await halfRead()
    transport.arrive(frame(0x3))
    await expect(read).rejects.toMatchObject({ code: 'WS_ERR_INVALID_OPCODE' })
    expect(transport.written.toString('hex')).toBe('880203ea')
  })

  it('it is not UTF-8, while it arrives', async () => {
    const { transport, read } = await halfRead()
    transport.arrive(continuation(Buffer.of(0xff), { fin: false }))
    await expect(read).rejects.toMatchObject({ code: 'WS_ERR_INVALID_UTF8' })
    await turns()
    expect(transport.written.toString('hex')).toBe('880203ef')
  })

  it('the code that reads it throws', async () => {
    const failure = new Error('of the user')
    const { transport, userErrors, socket } = streamed({
      hooks: {
        async stream(_socket, message) {
          for await (const part of message) if (part) throw failure
        },
      },
    })
    transport.arrive(text('He', { fin: false }))
    await turns(5)
    expect([userErrors, transport.written.toString('hex')]).toEqual([[failure], '880203f3'])
    transport.arrive(continuation('llo'), text('more'), close(1011))
    transport.push(null)
    await once(socket, 'close')
  })
})

describe('an echo that does not catch', () => {
  it.each([
    ['is cut', close(1000)],
    ['is invalid', frame(0x3)],
  ])('is no error of user code when its message %s', async (_how, last) => {
    const { transport, userErrors } = streamed({
      hooks: { stream: (socket, message) => socket.sendStream(message) },
    })
    transport.arrive(text('He', { fin: false }))
    await turns()
    transport.arrive(last)
    await turns(5)
    expect([userErrors, transport.written.toString('hex', 0, 4)]).toEqual([[], '01024865'])
  })

  it('closes another connection with 1011, where it sends on what is cut', async () => {
    const other = openPair()
    const { transport } = streamed({
      hooks: { stream: (_socket, message) => other.socket.sendStream(message) },
    })
    transport.arrive(text('He', { fin: false }))
    await turns()
    transport.arrive(close(1000))
    expect(await other.peer.nextClose()).toEqual({ code: 1011, reason: '' })
    expect(other.userErrors).toEqual([expect.objectContaining({ code: 'UPWIRE_MESSAGE_CUT' })])
  })

  it('is none when the connection is gone', async () => {
    const { socket, transport, userErrors } = streamed({
      handler: async (socket) => {
        for await (const message of socket.streams()) await socket.sendStream(message)
      },
    })
    transport.arrive(text('He', { fin: false }))
    await turns()
    transport.destroy()
    await once(socket, 'close')
    await turns()
    expect(userErrors).toEqual([])
  })
})

describe('a message that has arrived when the connection ends', () => {
  it.each([false, true])(
    'is read to its end before the close is told, compressed: %s',
    async (isCompressed) => {
      const { socket, transport } = streamed(isCompressed ? { compression: compressionOf(true) } : {})
      const payload = isCompressed ? compressionOf(false).deflater.deflate(Buffer.from('Hello')) : 'Hello'
      transport.arrive(text(payload, { rsv: isCompressed ? 4 : 0 }))
      const messages = socket.streams()
      const { value: message } = await messages.next()
      const closed = vi.fn()
      socket.on('close', closed)
      transport.destroy()
      await turns()
      expect(closed).not.toHaveBeenCalled()
      expect(await message?.text()).toBe('Hello')
      await messages.next()
      await turns()
      expect(closed).toHaveBeenCalledOnce()
    },
  )
})

describe('messages after one that was discarded', () => {
  it.each([true, false])('are inflated, contexts taken over: %s', async (contextTakeover) => {
    const { deflater } = compressionOf(contextTakeover)
    const { socket, transport } = streamed({ compression: compressionOf(contextTakeover) })
    const noise = randomBytes(200).toString('hex')
    for (const payload of [noise, 'left early', noise]) {
      transport.arrive(text(deflater.deflate(Buffer.from(payload)), { rsv: 4 }))
    }
    const texts: string[] = []
    for await (const message of socket.streams()) {
      texts.push(texts.length === 2 ? await message.text() : 'discarded')
      if (texts.length === 3) break
    }
    expect(texts[2]).toBe(noise)
  })
})

describe('the memory of a process', () => {
  it('is far below a message of 64 MiB that is echoed through it', { timeout: 30_000 }, async () => {
    const { socket, peer } = await openOverTcp({ messages: 'streamed', limits: NO_LIMIT })
    const fragment = randomBytes(64 * KIB)
    const count = 1024
    const echo = async () => {
      for await (const message of socket.streams()) await socket.sendStream(message)
    }
    void echo()
    let received = 0
    peer.stream.removeAllListeners('data')
    peer.stream.on('data', (chunk) => {
      received += chunk.length
    })
    const before = heldBytes()
    let highest = before
    for (let sent = 0; sent < count; sent++) {
      const bytes =
        sent === 0 ? binary(fragment, { fin: false }) : continuation(fragment, { fin: sent === count - 1 })
      if (!peer.stream.write(bytes)) await once(peer.stream, 'drain')
      if (sent % 64 === 0) highest = Math.max(highest, await leastHeldBytes())
    }
    while (received < count * fragment.length) await once(peer.stream, 'data')
    expect((highest - before) / MIB).toBeLessThan(4)
    socket.terminate()
  })

  it.each([true, false])(
    'is bounded for a bomb of 1 GiB that is read slowly, contexts taken over: %s',
    async (contextTakeover) => {
      const compression = compressionOf(contextTakeover)
      const { socket, peer } = await openOverTcp({ messages: 'streamed', limits: NO_LIMIT, compression })
      peer.write(binary(bomb(1024), { rsv: 4 }))
      const { value: message } = await socket.streams().next()
      const before = heldBytes()
      let highest = 0
      let size = 0
      for await (const part of message ?? []) {
        size += part.length
        await turns(1)
        if (size % MIB === 0) highest = Math.max(highest, heldBytes() - before)
        if (size >= 16 * MIB) break
      }
      expect(highest / MIB).toBeLessThan(2)
      socket.terminate()
    },
  )

  it('is bounded by maxPayload where that is asked for', async () => {
    const limits = { maxPayload: 10 * MIB }
    const { socket, transport } = streamed({ limits, compression: compressionOf(false) })
    transport.arrive(binary(bomb(11), { rsv: 4 }))
    const { value: message } = await socket.streams().next()
    let size = 0
    const read = async () => {
      for await (const part of message ?? []) size += part.length
    }
    await expect(read()).rejects.toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })
    expect(size).toBe(10 * MIB)
    await turns()
    expect(transport.written.subarray(0, 4).toString('hex')).toBe('880203f1')
  })
})

describe('a compressed message that is corrupt', () => {
  it('fails the connection when it is read', async () => {
    const { socket, transport } = streamed({ compression: compressionOf(false) })
    const payload = deflateRawSync(Buffer.from('Hello'))
    transport.arrive(text(Buffer.concat([payload, Buffer.of(0xff, 0xff)]), { rsv: 4 }))
    const { value: message } = await socket.streams().next()
    await expect(message?.text()).rejects.toMatchObject({ code: 'Z_DATA_ERROR' })
    await turns()
    expect(transport.written.toString('hex')).toBe('880203ef')
  })
})
