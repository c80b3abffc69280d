import * as ws from 'ws'

/** As much of the class that `ws` exports as the tests compare with. */
export interface WsPerMessageDeflate {
  params: Readonly<Record<string, unknown>>
  offer(): Record<string, string | number | true>
  accept(
    configurations: readonly Record<string, readonly (string | true)[]>[],
  ): Record<string, string | number | true>
  compress(data: Uint8Array, fin: boolean, done: (error: Error | null, data: Buffer) => void): void
  decompress(data: Uint8Array, fin: boolean, done: (error: Error | null, data: Buffer) => void): void
  cleanup(): void
}

interface Exports {
  readonly PerMessageDeflate: new (options: Readonly<Record<string, unknown>>) => WsPerMessageDeflate
}

export function wsPerMessageDeflate(options: Readonly<Record<string, unknown>>): WsPerMessageDeflate {
  const { PerMessageDeflate } = ws as unknown as Exports
  return new PerMessageDeflate(options)
}

export function wsRun(
  extension: WsPerMessageDeflate,
  method: 'compress' | 'decompress',
  data: Uint8Array,
  fin = true,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    extension[method](data, fin, (error, result) => (error ? reject(error) : resolve(result)))
  })
}
