import { FRAME_DIFFERENCES } from '../beside-ws/frame-differences.ts'
import { type Outcome, playOurs, playWs } from '../beside-ws/play-frames.ts'
import { generateFrameInput, readFrameInput } from '../frame-input.ts'
import { expectSame, type Fuzzer } from '../fuzzer.ts'

/** Our parser and assembler beside the receiver of `ws`. */
export const framesBesideWs: Fuzzer = {
  name: 'frames-beside-ws',
  seeds: 'frames',
  about:
    'the same stream to our parser and to that of ws: the same messages, the same errors, or a known reason',
  generate: generateFrameInput,
  async check(input) {
    const setup = readFrameInput(input)
    const ours = playOurs(setup)
    const ws = await playWs(setup)
    const [first, second] = [shown(ours), shown(ws)]
    if (first === second) return
    if (FRAME_DIFFERENCES.some((difference) => difference.explains(ours, ws, setup))) return
    expectSame(first, second, 'ws reads the same')
  },
}

function shown({ events, error }: Outcome): string {
  return [...events, error ?? 'no error'].join('\n')
}
