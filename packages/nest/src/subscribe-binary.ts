import { SubscribeMessage } from '@nestjs/websockets'

/** The event of binary messages: no peer can name it, since it is none that a message could hold. */
export const BINARY_MESSAGE = { toString: () => 'binary' }

/**
 * Lets a method take the binary messages of its gateway, as Buffers: `@MessageBody() data: Buffer`. The codec is not
 * asked. A Buffer that is handed on has to be copied: it is a view of what has arrived. Bytes that the method returns
 * are sent as they are.
 */
export const SubscribeBinary = (): MethodDecorator => SubscribeMessage(BINARY_MESSAGE)
