import { FIN, LENGTH, MASK, MAX_CONTROL_PAYLOAD_BYTES, OPCODE, RSV1, RSV2, RSV3 } from './frame-header.ts'
import { CONTROL_BIT, Opcode } from './opcode.ts'
import { protocolError } from './protocol-error.ts'

/**
 * Every rule of RFC 6455 §5 on a header's first two bytes. Throws the ProtocolError of the first one broken.
 *
 * @param expectedMask `MASK` where the peer must mask (it is a client), 0 where it must not (§5.1)
 * @param unfinished whether a fragmented message is waiting for its continuation (§5.4)
 * @param allowedRsv1 `RSV1` where an extension gave the bit a meaning, else 0 (§5.2)
 */
export function checkHeader(
  first: number,
  second: number,
  expectedMask: number,
  unfinished: boolean,
  allowedRsv1: number,
): void {
  const opcode = first & OPCODE
  if (first & (RSV2 | RSV3)) throw protocolError('WS_ERR_UNEXPECTED_RSV_2_3')
  if (opcode & CONTROL_BIT) {
    if (first & RSV1) throw protocolError('WS_ERR_UNEXPECTED_RSV_1')
    if (opcode > Opcode.Pong) throw protocolError('WS_ERR_INVALID_OPCODE', opcode)
    if (!(first & FIN)) throw protocolError('WS_ERR_EXPECTED_FIN')
    if ((second & LENGTH) > MAX_CONTROL_PAYLOAD_BYTES) {
      throw protocolError('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', second & LENGTH)
    }
  } else {
    // RFC 7692 §6: the bit belongs to a message, so only its first frame may carry it.
    const rsv1 = opcode === Opcode.Continuation ? 0 : allowedRsv1
    if (first & RSV1 & ~rsv1) throw protocolError('WS_ERR_UNEXPECTED_RSV_1')
    const isContinuation = opcode === Opcode.Continuation
    if (opcode > Opcode.Binary || isContinuation !== unfinished) {
      throw protocolError('WS_ERR_INVALID_OPCODE', opcode)
    }
  }
  if ((second & MASK) !== expectedMask) {
    throw protocolError(expectedMask ? 'WS_ERR_EXPECTED_MASK' : 'WS_ERR_UNEXPECTED_MASK')
  }
}

/** The minimal-length rule of RFC 6455 §5.2 for a length that took 16 or 64 bits. */
export function checkMinimal(length: number, smallest: number): void {
  if (length < smallest) throw protocolError('UPWIRE_OVERLONG_LENGTH')
}

/** RFC 6455 §5.2: a 64-bit length is 63 bits long; and a JavaScript number holds 53 of them. */
export function checkHighLength(high: number): void {
  if (high > 0x7fff_ffff) throw protocolError('UPWIRE_NEGATIVE_LENGTH')
  if (high > 0x1f_ffff) throw protocolError('WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH')
}
