const PERSON_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'_-]{0,23}$/u
const ROOM_NAME = /^[a-z0-9-]{1,32}$/

export const PERSON_NAME_RULE =
  "A name is 1 to 24 letters, digits, spaces and . ' _ -, and starts with a letter or digit."
export const ROOM_NAME_RULE = 'A room is named with 1 to 32 small letters, digits and dashes.'

/** The name as it will be shown, or undefined where `value` is none. */
export function personName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const name = value.normalize('NFC').trim().replace(/\s+/g, ' ')
  return PERSON_NAME.test(name) ? name : undefined
}

export function isRoomName(value: unknown): value is string {
  return typeof value === 'string' && ROOM_NAME.test(value)
}
