import type { Case, OpeningChanges, Section } from '../vocabulary/case.ts'
import { text } from '../vocabulary/frame.ts'
import { type Alternative, answers, echoOfText, type Outcome, refuses } from '../vocabulary/outcome.ts'
import { send } from '../vocabulary/step.ts'

const steps = [send(text('Hello'))]
const echoed = answers(echoOfText('Hello'))

/** The client ends TCP: a connection that never opened has no Close frame (RFC 6455 §4.1, §7.1.7). */
export const leaves: Outcome = { events: [], closeCodes: [1006] }

export const leavesWithClose: Alternative = {
  meaning: 'sends a Close frame over a connection that it refuses to open',
  events: [],
  closeCodes: [1002, 1010],
}

function serverTakes(id: string, sentence: string, opening: OpeningChanges): Case {
  return { id, roles: ['server'], sentence, opening, steps, ...echoed }
}

function serverRefuses(id: string, what: string, opening: OpeningChanges, ...statuses: number[]): Case {
  return {
    id,
    roles: ['server'],
    sentence: `refuses ${what} with ${statuses.join(' or ')}`,
    opening,
    steps,
    strict: [refuses(...statuses)],
  }
}

function clientTakes(id: string, sentence: string, opening: OpeningChanges): Case {
  return { id, roles: ['client'], sentence, opening, steps, ...echoed }
}

function clientRefuses(id: string, what: string, opening: OpeningChanges): Case {
  return {
    id,
    roles: ['client'],
    sentence: `refuses ${what}`,
    opening,
    steps,
    strict: [leaves],
    nonStrict: [leavesWithClose],
  }
}

const header = (name: string, value: string | null): OpeningChanges => ({ headers: { [name]: value } })

/** RFC 6455 §4.2 */
const ofServers: readonly Case[] = [
  serverTakes('21.1.1', 'accepts an opening handshake and echoes a text', {}),
  serverTakes('21.1.2', 'reads Upgrade and Connection in any case, among other tokens', {
    headers: { upgrade: 'WebSocket', connection: 'keep-alive, UPGRADE' },
  }),
  serverTakes('21.1.3', 'accepts an opening handshake that comes octet by octet', { chop: 1 }),
  serverTakes(
    '21.1.4',
    'ignores an extension it does not know',
    header('sec-websocket-extensions', 'x-none; a=1'),
  ),
  serverTakes('21.1.5', 'ignores header fields it does not know', header('x-none', 'anything')),
  serverRefuses('21.2.1', 'a handshake without a key', header('sec-websocket-key', null), 400),
  serverRefuses('21.2.2', 'a key of fifteen bytes', header('sec-websocket-key', 'AAAAAAAAAAAAAAAAAAAA'), 400),
  serverRefuses(
    '21.2.3',
    'a key that is not base64',
    header('sec-websocket-key', '!!!!!!!!!!!!!!!!!!!!!!=='),
    400,
  ),
  serverRefuses('21.2.4', 'version 12', header('sec-websocket-version', '12'), 426, 400),
  serverRefuses('21.2.5', 'a handshake without a version', header('sec-websocket-version', null), 426, 400),
  serverRefuses('21.2.6', 'a POST', { startLine: 'POST / HTTP/1.1' }, 405, 400),
  serverRefuses('21.2.7', 'a handshake without Host', header('host', null), 400),
]

/** RFC 6455 §4.1, the checks that end the client's part. */
const ofClients: readonly Case[] = [
  clientTakes('21.3.1', 'opens a connection and echoes a text', {}),
  clientTakes('21.3.2', 'reads Upgrade and Connection in any case', {
    headers: { upgrade: 'WebSocket', connection: 'upgrade' },
  }),
  clientTakes('21.3.3', 'opens by a response that comes octet by octet', { chop: 1 }),
  clientTakes('21.3.4', 'echoes a text that comes in one packet with the response', {
    chop: 'with first frame',
  }),
  clientRefuses('21.4.1', 'a response of 200', { startLine: 'HTTP/1.1 200 OK' }),
  clientRefuses('21.4.2', 'a response without Upgrade', header('upgrade', null)),
  clientRefuses('21.4.3', 'a response that upgrades to something else', header('upgrade', 'h2c')),
  clientRefuses('21.4.4', 'a response without Connection', header('connection', null)),
  clientRefuses('21.4.5', 'a response without an accept key', header('sec-websocket-accept', null)),
  clientRefuses(
    '21.4.6',
    'a response with the accept key of another request',
    header('sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
  ),
  clientRefuses('21.4.7', 'a subprotocol it did not ask for', header('sec-websocket-protocol', 'unasked')),
  clientRefuses('21.4.8', 'an extension it did not ask for', header('sec-websocket-extensions', 'x-none')),
]

export const openingHandshake: Section = {
  number: 21,
  title: 'Opening handshake',
  cases: [...ofServers, ...ofClients],
}
