import { describe, expect, it } from 'vitest'
import { ControlFrames } from '../../src/protocol/control-frames.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { MessageRecorder } from '../support/message-recorder.ts'

function recorded(act: (frames: ControlFrames) => void): string[] {
  const recorder = new MessageRecorder()
  act(new ControlFrames(recorder))
  return recorder.events
}

describe('a control frame', () => {
  it('is handed on whole', () => {
    const events = recorded((frames) => {
      frames.whole(0x9, Buffer.from('a'))
      frames.whole(0xa, Buffer.from('b'))
      frames.whole(0x8, Buffer.from('03e86279', 'hex'))
    })
    expect(events).toEqual(['ping:61', 'pong:62', 'close:1000 by'])
  })

  it('is put together from parts', () => {
    const bytes = Buffer.from('-abc-')
    const events = recorded((frames) => {
      frames.start(3)
      frames.part(bytes, 1, 2)
      frames.part(bytes, 2, 4)
      frames.end(0x9)
      frames.end(0x9)
    })
    expect(events).toEqual(['ping:616263'])
  })

  it('is refused where it is a Close frame of one byte', () => {
    expect(brokenRule(() => recorded((frames) => frames.whole(0x8, Buffer.of(3))))).toBe(
      'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    )
  })
})
