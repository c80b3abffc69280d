/**
 * The side of the connection this endpoint is on. It decides who masks: a client masks every frame it sends, a
 * server none (RFC 6455 §5.1).
 */
export type Role = 'server' | 'client'
