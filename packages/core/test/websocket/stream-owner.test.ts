import { duplexPair } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  awaitDrain,
  claimStream,
  isClaimed,
  ownStream,
  type StreamOwner,
} from '../../src/websocket/stream-owner.ts'
import { turns } from '../support/turns.ts'

class Owner implements StreamOwner {
  readonly told: string[] = []

  receive(chunk: Buffer): void {
    this.told.push(`received ${chunk}`)
  }

  peerEnded(): void {
    this.told.push('peer ended')
  }

  streamClosed(): void {
    this.told.push('closed')
  }

  drained(): void {
    this.told.push('drained')
  }
}

function owned() {
  const [stream, peer] = duplexPair({ highWaterMark: 4 })
  const owner = new Owner()
  ownStream(stream, owner)
  onTestFinished(() => {
    stream.destroy()
    peer.destroy()
  })
  return { stream, peer, told: owner.told }
}

describe('a stream that is claimed', () => {
  it('is claimed once, and then not again', () => {
    const [stream, other] = duplexPair()
    expect([claimStream(stream), claimStream(stream), claimStream(other)]).toEqual([true, false, true])
  })

  it('is known as claimed, without being claimed by the question', () => {
    const [stream] = duplexPair()
    expect([isClaimed(stream), isClaimed(stream)]).toEqual([false, false])
    claimStream(stream)
    expect(isClaimed(stream)).toBe(true)
  })

  it('has no owner yet, and an error ends nothing but it', async () => {
    const [stream] = duplexPair()
    claimStream(stream)
    stream.destroy(new Error('broken'))
    await turns()
    expect([stream.destroyed, stream.errored?.message]).toEqual([true, 'broken'])
  })

  it('is owned with one listener for each event, claimed before or not', () => {
    const streams = duplexPair()
    claimStream(streams[0])
    const counts = streams.map((stream) => {
      ownStream(stream, new Owner())
      return ['data', 'end', 'close', 'error'].map((event) => stream.listenerCount(event))
    })
    expect(counts[0]).toEqual(counts[1])
    expect(claimStream(streams[1])).toBe(false)
    for (const stream of streams) stream.destroy()
  })
})

describe('the owner of a stream', () => {
  it('receives nothing before it resumes the stream, and loses nothing', async () => {
    const { stream, peer, told } = owned()
    peer.write('1')
    await turns()
    expect(told).toEqual([])
    stream.resume()
    peer.write('2')
    await turns()
    expect(told).toEqual(['received 1', 'received 2'])
  })

  it('receives what had arrived before it owned the stream', async () => {
    const [stream, peer] = duplexPair()
    const owner = new Owner()
    peer.write('early')
    await turns()
    ownStream(stream, owner)
    stream.resume()
    await turns()
    expect(owner.told).toEqual(['received early'])
    stream.destroy()
  })

  it('is told when the peer has ended, and when the stream is closed', async () => {
    const { stream, peer, told } = owned()
    stream.resume()
    peer.end()
    await turns()
    expect(told).toEqual(['peer ended'])
    stream.end()
    peer.resume()
    await turns()
    expect(told).toEqual(['peer ended', 'closed'])
  })

  it('is told of an error only that the stream is closed', async () => {
    const { stream, told } = owned()
    stream.destroy(new Error('broken'))
    await turns()
    expect(told).toEqual(['closed'])
  })

  it('is told once, where it awaits it, that what it wrote has left', async () => {
    const { stream, peer, told } = owned()
    const write = async () => {
      expect(stream.write('many bytes')).toBe(false)
      peer.resume()
      await turns()
    }
    await write()
    expect(told).toEqual([])
    awaitDrain(stream)
    await write()
    expect(told).toEqual(['drained'])
    await write()
    expect(told).toEqual(['drained'])
  })

  it('has its listeners in common with all others', () => {
    const [first, second] = [owned().stream, owned().stream]
    for (const event of ['data', 'end', 'close', 'error']) {
      expect(
        first.listeners(event).filter((listener) => second.listeners(event).includes(listener)),
      ).not.toEqual([])
    }
  })
})
