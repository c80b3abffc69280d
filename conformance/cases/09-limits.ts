import type { Case, Section } from '../vocabulary/case.ts'
import { data, type MessageType } from '../vocabulary/frame.ts'
import { answers, echo, echoes } from '../vocabulary/outcome.ts'
import { filler, type Payload } from '../vocabulary/payload.ts'
import { roundTrips, type Step, send, sendChopped, sendFragmented } from '../vocabulary/step.ts'

const KIB = 1024
const MIB = 1024 * KIB

const MESSAGE_BYTES = [64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB, 8 * MIB, 16 * MIB]
const FRAGMENT_BYTES = [64, 256, 1 * KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB]
const PIECE_BYTES = [64, 128, 256, 512, 1024, 2048]
const ROUND_TRIP_BYTES = [0, 16, 64, 256, 1024, 4096]
const ROUND_TRIPS = 1000

function echoed(id: string, type: MessageType, what: string, payload: Payload, step: Step): Case {
  return { id, sentence: `echoes a ${type} message ${what}`, steps: [step], ...answers(echo(type, payload)) }
}

function large(group: string, type: MessageType): Case[] {
  return MESSAGE_BYTES.map((bytes, index) => {
    const payload = filler(bytes)
    return echoed(`${group}.${index + 1}`, type, `of ${size(bytes)}`, payload, send(data(type, payload)))
  })
}

function fragmented(group: string, type: MessageType): Case[] {
  const payload = filler(4 * MIB)
  return FRAGMENT_BYTES.map((bytes, index) => {
    const step = sendFragmented(type, payload, bytes)
    return echoed(`${group}.${index + 1}`, type, `of 4 MiB in fragments of ${size(bytes)}`, payload, step)
  })
}

function inPieces(group: string, type: MessageType): Case[] {
  const payload = filler(1 * MIB)
  return PIECE_BYTES.map((bytes, index) => {
    const step = sendChopped(bytes, data(type, payload))
    return echoed(
      `${group}.${index + 1}`,
      type,
      `of 1 MiB that comes in pieces of ${size(bytes)}`,
      payload,
      step,
    )
  })
}

function many(group: string, type: MessageType): Case[] {
  return ROUND_TRIP_BYTES.map((messageBytes, index) => ({
    id: `${group}.${index + 1}`,
    sentence: `echoes ${ROUND_TRIPS} ${type} messages of ${size(messageBytes)}, one after the other`,
    steps: [roundTrips({ corpus: 'filler', type, messageBytes, count: ROUND_TRIPS })],
    ...answers(echoes(ROUND_TRIPS)),
  }))
}

function size(bytes: number): string {
  if (bytes >= MIB) return `${bytes / MIB} MiB`
  return bytes >= 4 * KIB ? `${bytes / KIB} KiB` : `${bytes} bytes`
}

export const limits: Section = {
  number: 9,
  title: 'Limits and performance',
  cases: [
    ...large('9.1', 'text'),
    ...large('9.2', 'binary'),
    ...fragmented('9.3', 'text'),
    ...fragmented('9.4', 'binary'),
    ...inPieces('9.5', 'text'),
    ...inPieces('9.6', 'binary'),
    ...many('9.7', 'text'),
    ...many('9.8', 'binary'),
  ],
}
