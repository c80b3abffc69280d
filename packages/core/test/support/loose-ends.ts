import { fromPeer } from './peer.ts'

/** What a stream may end with, for a server: bytes that leave something unfinished, or break a rule in the middle of it. */
export const LOOSE_ENDS: readonly [what: string, bytes: Buffer][] = [
  ['a header that was cut', fromPeer('server', '8105 48656c6c6f').subarray(0, 3)],
  ['a text that was cut', fromPeer('server', '8105 48656c6c6f').subarray(0, -2)],
  ['half a character', fromPeer('server', '8103 e282ac').subarray(0, -1)],
  ['a first fragment', fromPeer('server', '0203 48656c')],
  ['a fragment and half a character', fromPeer('server', '0102 61e2')],
  [
    'fragments, the last one cut',
    fromPeer('server', '0101 61', '0001 62', '8005 6364656667').subarray(0, -2),
  ],
  ['a Ping that was cut', fromPeer('server', '8904 70696e67').subarray(0, -1)],
  ['a Ping between fragments, cut', fromPeer('server', '0101 61', '8904 70696e67').subarray(0, -1)],
  ['a fragment and a message inside it', fromPeer('server', '0101 61', '8101 62')],
  ['a fragment and a byte that is no text', fromPeer('server', '0101 61', '8002 ff61').subarray(0, -1)],
  ['a last part that is no text', fromPeer('server', '0101 61', '8001 ff')],
]
