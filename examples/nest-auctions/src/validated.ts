import { type Type, ValidationPipe } from '@nestjs/common'
import { WsException } from '@nestjs/websockets'
import type { ValidationError } from 'class-validator'

/** Checks the data of a message by the decorators of a class. What is wrong, the sender reads as an `exception`. */
export function validated(expectedType: Type): ValidationPipe {
  return new ValidationPipe({
    expectedType,
    transform: true,
    whitelist: true,
    exceptionFactory: (errors: ValidationError[]) => new WsException(firstRuleBroken(errors)),
  })
}

function firstRuleBroken(errors: readonly ValidationError[]): string {
  const [rule] = errors.flatMap(({ constraints = {} }) => Object.values(constraints))
  return rule
}
