/** `whole`: a message is delivered when it has arrived. `streamed`: it is read while it arrives. */
export type MessageMode = 'whole' | 'streamed'

/** The event, and the hook, that messages go to. */
export type MessageEventName = 'message' | 'stream'

/** Default `whole`. */
export function messageEventOf(mode: MessageMode | undefined): MessageEventName {
  return mode === 'streamed' ? 'stream' : 'message'
}

export function isMessageMode(value: unknown): value is MessageMode {
  return value === 'whole' || value === 'streamed'
}
