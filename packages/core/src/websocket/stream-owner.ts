import type { Duplex } from 'node:stream'

/** Who is told what happens on a stream. */
export interface StreamOwner {
  receive(chunk: Buffer): void
  /** The peer will send no more. */
  peerEnded(): void
  streamClosed(): void
  drained(): void
}

const OWNER = Symbol('owner')

interface OwnedStream extends Duplex {
  [OWNER]?: StreamOwner | null
}

/**
 * Makes an upgraded stream ours, before it has an owner: from here on an error ends it and nothing else. Returns false
 * when it is ours already, for what is written to it then would end up in the middle of a connection.
 */
export function claimStream(stream: Duplex): boolean {
  if (isClaimed(stream)) return false
  ;(stream as OwnedStream)[OWNER] = null
  stream.on('error', onError)
  return true
}

/** Whether a stream is ours already, be it open, refused or still to be decided about. */
export function isClaimed(stream: Duplex): boolean {
  return (stream as OwnedStream)[OWNER] !== undefined
}

/** Makes `owner` the one that is told. It receives as soon as it resumes the stream. */
export function ownStream(stream: Duplex, owner: StreamOwner): void {
  claimStream(stream)
  ;(stream as OwnedStream)[OWNER] = owner
  stream.pause()
  stream.on('data', onData).on('end', onEnd).on('close', onClose)
}

/** Tells the owner once when what was written has left. */
export function awaitDrain(stream: Duplex): void {
  stream.once('drain', onDrain)
}

// One function for all streams: a closure for each would cost more memory than the connection's own state.

function onData(this: Duplex, chunk: Buffer): void {
  ;(this as OwnedStream)[OWNER]?.receive(chunk)
}

function onEnd(this: Duplex): void {
  ;(this as OwnedStream)[OWNER]?.peerEnded()
}

function onClose(this: Duplex): void {
  ;(this as OwnedStream)[OWNER]?.streamClosed()
}

function onDrain(this: Duplex): void {
  ;(this as OwnedStream)[OWNER]?.drained()
}

/** The stream closes by itself after an error, and 'close' tells the owner. */
function onError(): void {}
