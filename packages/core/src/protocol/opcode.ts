/** Frame opcodes, RFC 6455 §5.2 and §11.8. Values not listed here are reserved. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const

export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** Opcodes with the high bit of their four set are control frames, the reserved ones too (RFC 6455 §5.5). */
export const CONTROL_BIT = 0x8
