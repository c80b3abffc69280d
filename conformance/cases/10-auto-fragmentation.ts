import type { Section } from '../vocabulary/case.ts'
import { answers, echoOfText } from '../vocabulary/outcome.ts'
import { filler } from '../vocabulary/payload.ts'
import { sendFragmented } from '../vocabulary/step.ts'

export const autoFragmentation: Section = {
  number: 10,
  title: 'Auto-fragmentation',
  cases: [
    {
      id: '10.1.1',
      sentence: 'echoes a text of 65536 bytes that its sender cuts into fragments of 1300',
      steps: [sendFragmented('text', filler(65_536), 1300)],
      ...answers(echoOfText(filler(65_536))),
    },
  ],
}
