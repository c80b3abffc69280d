/** The shapes a binary message can be given in. */
const SHAPES = {
  nodebuffer: (data: Buffer): Buffer => data,
  arraybuffer: (data: Buffer): ArrayBuffer => new Uint8Array(data).buffer,
  fragments: (data: Buffer): Buffer[] => [data],
  blob: (data: Buffer): Blob => new Blob([new Uint8Array(data)]),
}

export type BinaryType = keyof typeof SHAPES

export function isBinaryType(value: unknown): value is BinaryType {
  return typeof value === 'string' && Object.hasOwn(SHAPES, value)
}

export function shapeBinary(data: Buffer, type: BinaryType): Buffer | ArrayBuffer | Buffer[] | Blob {
  return SHAPES[type](data)
}
