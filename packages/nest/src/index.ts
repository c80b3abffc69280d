export { UpwireAdapter, type UpwireAdapterOptions } from './adapter.ts'
export type { Codec, GatewayMessage, MessageParser } from './codec.ts'
export type { GatewayOptions, MessageOrder } from './gateway-options.ts'
export { GatewayServer } from './gateway-server.ts'
