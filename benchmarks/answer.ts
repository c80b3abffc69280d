/** What a measured or loading program can be asked: each question's name and what answers it. */
export type Answers = Readonly<Record<string, (argument: never) => unknown>>

export interface Question {
  readonly question: string
  readonly argument?: unknown
}

export type Reply = { readonly value: unknown } | { readonly failure: string }

/** Answers the questions of the process that started this one, and ends with it. */
export function answer(answers: Answers): void {
  process.on('message', async ({ question, argument }: Question) => {
    process.send?.(await reply(answers[question], argument))
  })
  process.on('disconnect', () => process.exit())
}

async function reply(answer: Answers[string] | undefined, argument: unknown): Promise<Reply> {
  if (!answer) return { failure: 'nobody here answers that question' }
  try {
    return { value: await answer(argument as never) }
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
