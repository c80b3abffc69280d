import { WsException } from '@nestjs/websockets'
import { IsBoolean, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { validated } from '../src/validated.ts'

class Note {
  @IsString({ message: 'A note has a text.' })
  readonly text!: string

  @IsBoolean({ message: 'A note is urgent or not.' })
  readonly urgent!: boolean
}

const pipe = validated(Note)
const body = { type: 'body' } as const

describe('validated', () => {
  it('makes an instance of the class, without what is not in it', async () => {
    const note = await pipe.transform({ text: 'Hello', urgent: true, more: 1 }, body)
    expect(note).toBeInstanceOf(Note)
    expect(note).toEqual({ text: 'Hello', urgent: true })
  })

  it.each([[{}], [{ urgent: true }], [null], [undefined], ['text'], [5], [[]]])(
    'refuses %j with the first rule it breaks',
    async (data) => {
      const error = await pipe.transform(data, body).catch((reason: unknown) => reason)
      expect(error).toEqual(new WsException('A note has a text.'))
    },
  )
})
