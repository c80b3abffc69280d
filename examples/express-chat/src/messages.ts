/** Everything that page and server say to each other: one JSON object per text message. */

const MAX_TEXT_LENGTH = 2000
const MAX_ID_LENGTH = 64

export interface User {
  readonly id: string
  readonly name: string
}

export interface Posted {
  /** Made by the page, so that a message sent again after a lost connection is known. */
  readonly id: string
  readonly from: User
  readonly text: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export type ClientMessage =
  | { readonly type: 'say'; readonly id: string; readonly text: string }
  | { readonly type: 'typing' }
  | { readonly type: 'ping'; readonly id: string }

export type ServerMessage =
  | {
      readonly type: 'welcome'
      readonly you: User
      readonly people: readonly User[]
      readonly history: readonly Posted[]
    }
  | { readonly type: 'joined' | 'left' | 'typing'; readonly user: User }
  | ({ readonly type: 'said' } & Posted)
  | { readonly type: 'pong'; readonly id: string }
  | Refusal

/** What is wrong with a message, for the one who sent it. `id` says which one, where that could be read. */
export interface Refusal {
  readonly type: 'error'
  readonly message: string
  readonly id?: string
}

/** Reads what a page sent. What it returns for a bad message is the answer to it. */
export function parseMessage(data: string | Buffer): ClientMessage | Refusal {
  if (typeof data !== 'string') return refuse('Send text, not binary.')
  const fields = parseObject(data)
  if (fields === undefined) return refuse('Send one JSON object, such as {"type":"typing"}.')

  switch (fields.type) {
    case 'say':
      return parseSay(fields)
    case 'typing':
      return { type: 'typing' }
    case 'ping':
      return isId(fields.id) ? { type: 'ping', id: fields.id } : refuseId()
    default:
      return refuse('The type of a message is "say", "typing" or "ping".')
  }
}

function parseSay({ id, text }: Fields): ClientMessage | Refusal {
  if (!isId(id)) return refuseId()
  if (typeof text !== 'string') return refuse('The text of a message is a string.', id)
  if (text.trim() === '') return refuse('Write something first.', id)
  if (text.length > MAX_TEXT_LENGTH) {
    return refuse(`That is ${text.length} characters, and ${MAX_TEXT_LENGTH} fit into a message.`, id)
  }
  return { type: 'say', id, text }
}

type Fields = Readonly<Record<string, unknown>>

function parseObject(data: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH
}

function refuseId(): Refusal {
  return refuse(`The id of a message is a string of 1 to ${MAX_ID_LENGTH} characters.`)
}

function refuse(message: string, id?: string): Refusal {
  return { type: 'error', message, ...(id !== undefined && { id }) }
}
