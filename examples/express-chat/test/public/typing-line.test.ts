import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageModule } from './page-module.ts'

interface User {
  readonly id: string
  readonly name: string
}

interface TypingModule {
  TypingLine: new (
    element: { textContent: string },
    tell: () => void,
  ) => { report(): void; rest(): void; started(user: User): void; stopped(user: User): void }
}

const { TypingLine } = await pageModule<TypingModule>('typing-line.js')

const [ada, grace, zoe] = ['Ada', 'Grace', 'Zoë'].map((name) => ({ id: `user-${name}`, name }))

describe('TypingLine', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('names one, two, and no more than two', () => {
    const { line, element } = typingLine()
    line.started(ada)
    expect(element.textContent).toBe('Ada is typing…')
    line.started(grace)
    expect(element.textContent).toBe('Ada and Grace are typing…')
    line.started(zoe)
    expect(element.textContent).toBe('Several people are typing…')
    for (const user of [ada, grace, zoe]) line.stopped(user)
    expect(element.textContent).toBe('')
  })

  it('forgets who is not heard of for four seconds', () => {
    const { line, element } = typingLine()
    line.started(ada)
    vi.advanceTimersByTime(3999)
    line.started(ada)
    vi.advanceTimersByTime(3999)
    expect(element.textContent).toBe('Ada is typing…')
    vi.advanceTimersByTime(1)
    expect(element.textContent).toBe('')
  })

  it('tells the others at most every two seconds', () => {
    const { line, tell } = typingLine()
    line.report()
    line.report()
    expect(tell).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2000)
    line.report()
    expect(tell).toHaveBeenCalledTimes(2)
  })

  it('tells the others at once of the next message', () => {
    const { line, tell } = typingLine()
    line.report()
    line.rest()
    line.report()
    expect(tell).toHaveBeenCalledTimes(2)
  })
})

function typingLine() {
  const element = { textContent: '' }
  const tell = vi.fn()
  return { line: new TypingLine(element, tell), element, tell }
}
