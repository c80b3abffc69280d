import type { Case, Section } from '../vocabulary/case.ts'
import type { Compression } from '../vocabulary/compression.ts'
import { text } from '../vocabulary/frame.ts'
import { type Alternative, answers, echoes, echoOfText, refuses } from '../vocabulary/outcome.ts'
import { roundTrips, send } from '../vocabulary/step.ts'
import { leaves, leavesWithClose } from './21-opening-handshake.ts'

const NAME = 'permessage-deflate'

/** Parameters that no offer may have (RFC 7692 §7.1). */
const INVALID_OFFERS = [
  'unknown_parameter',
  'server_no_context_takeover=1',
  'client_no_context_takeover=true',
  'server_max_window_bits',
  'server_max_window_bits=7',
  'server_max_window_bits=16',
  'server_max_window_bits=08',
  'server_max_window_bits=ten',
  'client_max_window_bits=7',
  'client_max_window_bits=16',
  'client_max_window_bits=-9',
  'server_no_context_takeover; server_no_context_takeover',
  'client_max_window_bits; client_max_window_bits=10',
]

/** Offers that a server with compression can take, written in every way RFC 6455 §9.1 allows. */
const VALID_OFFERS: readonly (readonly [offer: string, compression: Compression])[] = [
  [NAME, {}],
  [`${NAME}; client_max_window_bits`, {}],
  [`${NAME};server_max_window_bits=10;client_max_window_bits`, { endpoint: { windowBits: 10 } }],
  [`${NAME}; server_max_window_bits="10"`, { endpoint: { windowBits: 10 } }],
  [`${NAME} ; server_no_context_takeover , ${NAME}`, {}],
  [`${NAME}; unknown_parameter, ${NAME}`, {}],
  [`${NAME}; server_max_window_bits=16, ${NAME}`, {}],
  [`x-none; a="b"; c, ${NAME}`, {}],
]

/** Parameters that no response may have (RFC 7692 §7.1), to an offer of any client. */
const INVALID_RESPONSES = [
  `${NAME}; unknown_parameter`,
  `${NAME}; server_no_context_takeover=1`,
  `${NAME}; client_no_context_takeover=true`,
  `${NAME}; server_max_window_bits`,
  `${NAME}; server_max_window_bits=7`,
  `${NAME}; server_max_window_bits=16`,
  `${NAME}; client_max_window_bits`,
  `${NAME}; client_max_window_bits=16`,
  `${NAME}; server_no_context_takeover; server_no_context_takeover`,
  // RFC 7692 §6: two extensions that both use RSV1.
  `${NAME}, ${NAME}`,
]

const refusesHandshake: Alternative = {
  meaning: 'refuses the handshake with 400 where RFC 7692 §7.1 has the server decline the offer',
  ...refuses(400),
}

function declined(parameters: string, index: number): Case {
  return {
    id: `24.1.${index + 1}`,
    roles: ['server'],
    sentence: `declines ${parameters} and goes on without compression`,
    opening: { headers: { 'sec-websocket-extensions': `${NAME}; ${parameters}` } },
    steps: [send(text('Hello'))],
    ...answers(echoOfText('Hello')),
    nonStrict: [refusesHandshake],
  }
}

function accepted([offer, compression]: readonly [string, Compression], index: number): Case {
  return {
    id: `24.2.${index + 1}`,
    roles: ['server'],
    sentence: `accepts ${offer}`,
    opening: { headers: { 'sec-websocket-extensions': offer } },
    compression: [compression],
    steps: [roundTrips({ corpus: 'json', type: 'text', messageBytes: 2000, count: 3 })],
    ...answers(echoes(3)),
    nonStrict: [refusesHandshake],
  }
}

function refused(response: string, index: number): Case {
  return {
    id: `24.3.${index + 1}`,
    roles: ['client'],
    sentence: `refuses a response of ${response}`,
    opening: { headers: { 'sec-websocket-extensions': response } },
    steps: [send(text('Hello'))],
    strict: [leaves],
    nonStrict: [leavesWithClose],
  }
}

export const extensionNegotiation: Section = {
  number: 24,
  title: 'Compression: negotiation',
  cases: [...INVALID_OFFERS.map(declined), ...VALID_OFFERS.map(accepted), ...INVALID_RESPONSES.map(refused)],
}
