import { control } from './control.ts'
import { handshakeServer } from './net-handshake.ts'

const TEXT = 0x81
const MASKED_HEADER = 6

// The least that a gateway can do: for short events in whole frames, read and answered by hand, and nothing checked.
const server = handshakeServer((stream) => {
  let rest: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const answers: Buffer[] = []
    let at = 0
    while (at + 1 < bytes.length) {
      const start = at + MASKED_HEADER
      const end = start + (bytes[at + 1] & 0x7f)
      if (bytes[at] !== TEXT || end > bytes.length) break
      for (let i = start; i < end; i++) bytes[i] ^= bytes[start - 4 + ((i - start) & 3)]
      answers.push(answer(bytes.toString('latin1', start, end)))
      at = end
    }
    rest = bytes.subarray(at)
    if (answers.length > 0) stream.write(answers.length === 1 ? answers[0] : Buffer.concat(answers))
  })
})

function answer(message: string): Buffer {
  const { event, data } = JSON.parse(message)
  const text = JSON.stringify({ event, data })
  const frame = Buffer.allocUnsafe(2 + text.length)
  frame[0] = TEXT
  frame[1] = text.length
  frame.write(text, 2, 'latin1')
  return frame
}

control(server.listen(0, '127.0.0.1'))
