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

/** Why there are no messages of this kind to loop over. */
export function otherMode(asked: MessageEventName): TypeError {
  return new TypeError(
    asked === 'stream'
      ? "Messages are whole here: write for await (… of socket), or set the option messages: 'streamed'"
      : 'Messages are streamed here: write for await (… of socket.streams())',
  )
}
