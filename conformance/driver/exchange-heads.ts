import type { Duplex } from 'node:stream'
import type { OpeningChanges } from '../vocabulary/case.ts'
import { type Head, readHead } from './http-head.ts'
import { Violation } from './violation.ts'

const PATIENCE_MS = 10_000

/** Reads the head of a request or a response off a stream, and leaves the stream paused behind it. */
export function receiveHead(stream: Duplex): Promise<{ head: Head; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      stream.off('data', onData).off('close', onEnd).off('end', onEnd).pause()
      finish()
    }
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      try {
        const whole = readHead(bytes)
        if (whole) settle(() => resolve(whole))
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const onEnd = () => settle(() => reject(new Violation('ended the connection in the opening handshake')))
    const onLate = () => settle(() => reject(new Violation('did not end its part of the opening handshake')))
    const timer = setTimeout(onLate, PATIENCE_MS)
    stream.on('data', onData).on('close', onEnd).on('end', onEnd)
  })
}

/** Resolves when it has left: at once, or in pieces of so many octets, each when the one before has left. */
export async function sendHead(stream: Duplex, head: Buffer, chop: OpeningChanges['chop']): Promise<void> {
  const pieceBytes = typeof chop === 'number' ? chop : head.length
  for (let at = 0; at < head.length; at += pieceBytes) {
    await new Promise((resolve) => stream.write(head.subarray(at, at + pieceBytes), resolve))
  }
}
