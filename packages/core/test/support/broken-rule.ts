import {
  PROTOCOL_ERRORS,
  type ProtocolError,
  type ProtocolErrorCode,
} from '../../src/protocol/protocol-error.ts'

/** The code of the ProtocolError that `run` throws, undefined for none. Anything else it throws goes on. */
export function brokenRule(run: () => void): ProtocolErrorCode | undefined {
  try {
    run()
  } catch (error) {
    if (isProtocolError(error)) return error.code
    throw error
  }
  return undefined
}

/** Whether this is an error of the table, in all that the table says. */
function isProtocolError(error: unknown): error is ProtocolError {
  if (!(error instanceof Error && 'code' in error && 'closeCode' in error)) return false
  const row = PROTOCOL_ERRORS[error.code as ProtocolErrorCode]
  return row !== undefined && row.closeCode === error.closeCode && error instanceof row.base
}
