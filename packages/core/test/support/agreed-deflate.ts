import { format, parse } from '../../src/ws/extension.ts'
import { PerMessageDeflate } from '../../src/ws/per-message-deflate.ts'

type Options = ConstructorParameters<typeof PerMessageDeflate>[0]

const NAME = PerMessageDeflate.extensionName

/** Both ends of a connection that have agreed on compression, as `extension.parse` and `format` carry it. */
export function agreedDeflate(client: Options = {}, server: Options = {}) {
  const [asking, answering] = [
    new PerMessageDeflate(client),
    new PerMessageDeflate({ ...server, isServer: true }),
  ]
  const response = answering.accept(parse(format({ [NAME]: asking.offer() }))[NAME])
  asking.accept(parse(format({ [NAME]: response }))[NAME])
  return { client: asking, server: answering }
}
