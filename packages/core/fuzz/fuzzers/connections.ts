import { duplexPair, readClose, readFrames } from '@upwire/testkit'
import { CloseCode } from '../../src/protocol/close-code.ts'
import { PROTOCOL_ERRORS, type ProtocolErrorCode } from '../../src/protocol/protocol-error.ts'
import { playOurs } from '../beside-ws/play-frames.ts'
import { type FrameInput, generateFrameInput, readFrameInput, WatchedBudget } from '../frame-input.ts'
import { expectSame, expectThat, type Fuzzer } from '../fuzzer.ts'
import { openEnd } from '../open-end.ts'

const OPCODE_CLOSE = 0x8

/** A whole connection that is sent anything. */
export const connections: Fuzzer = {
  name: 'connections',
  seeds: 'frames',
  about:
    'a whole connection, both roles, that does what its parser says and answers with the right close code',
  generate: generateFrameInput,
  async check(input) {
    const setup = readFrameInput(input)
    const ours = playOurs(setup)
    const { messages, closeCodes } = await play(setup)
    const isClose = (event: string) => event.startsWith('close:')
    expectSame(
      messages.join('\n'),
      ours.events.filter((event) => !isClose(event)).join('\n'),
      'a connection delivers what is parsed',
    )
    const received = ours.events.find(isClose)
    expectSame(
      closeCodes.join(),
      expectedClose(ours.error, received),
      'a connection answers once and with the code',
    )
  },
}

/** What is told to the user, and the codes of the Close frames on the wire. */
async function play(setup: FrameInput) {
  const [stream, peer] = duplexPair()
  const limits = { ...setup.limits, budget: new WatchedBudget() }
  const end = openEnd(stream, { ...setup, limits })
  const sent: Buffer[] = []
  peer.on('data', (chunk: Buffer) => sent.push(chunk))
  peer.on('error', () => {})
  for (const chunk of setup.chunks()) peer.write(chunk)
  peer.end()
  await end.closed
  stream.destroy()
  peer.destroy()
  const { usedBytes } = limits.budget
  expectThat(usedBytes === 0, 'a connection that is over holds nothing', () => `${usedBytes} bytes`)
  expectThat(end.userErrors.length === 0, 'what a peer does is no error of the user', () =>
    String(end.userErrors),
  )
  const { frames, rest } = readFrames(Buffer.concat(sent))
  expectThat(rest.length === 0, 'only whole frames are sent', () => rest.toString('hex'))
  const closeCodes = frames
    .filter(({ opcode }) => opcode === OPCODE_CLOSE)
    .map((frame) => readClose(frame).code)
  return { messages: end.recorder.events, closeCodes }
}

/** RFC 6455 §5.5.1 and §7.1.7: a Close is answered with its code, an error with the code of the error. */
function expectedClose(error: string | undefined, received: string | undefined): string {
  if (error !== undefined) return String(PROTOCOL_ERRORS[error as ProtocolErrorCode].closeCode)
  if (received === undefined) return ''
  return /\d+/.exec(received)?.[0] ?? String(CloseCode.NoStatus)
}
