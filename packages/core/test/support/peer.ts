import { MASKING_KEY } from '@upwire/testkit'
import type { Role } from '../../src/protocol/role.ts'

export const ROLES: readonly Role[] = ['server', 'client']

/** The masking key that the peer of this role uses, for the frame builders of the testkit. */
export function peerMask(role: Role): Buffer | false {
  return role === 'server' ? MASKING_KEY : false
}

/**
 * The bytes of frames as the peer of this role sends them. Each is given in hex without a mask, a space between header
 * and payload: `'8105 48656c6c6f'`. A server's peer masks: it gets the MASK bit, a key, and the payload masked.
 */
export function fromPeer(role: Role, ...frames: string[]): Buffer {
  return Buffer.concat(
    frames.map((frame) => (role === 'server' ? masked(frame) : bytesOf(frame.replace(' ', '')))),
  )
}

function masked(frame: string): Buffer {
  const [header, payload = ''] = frame.split(' ')
  const bytes = bytesOf(header)
  bytes[1] |= 0x80
  const maskedPayload = bytesOf(payload).map((byte, index) => byte ^ MASKING_KEY[index % 4])
  return Buffer.concat([bytes, MASKING_KEY, maskedPayload])
}

function bytesOf(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex')
  if (bytes.length * 2 !== hex.length) throw new SyntaxError(`Not whole bytes in hex: ${hex}`)
  return bytes
}

/** The hex of a text, for payloads. */
export function hex(text: string | Uint8Array): string {
  return Buffer.from(text).toString('hex')
}
