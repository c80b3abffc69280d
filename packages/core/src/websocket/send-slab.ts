const SLAB_BYTES = 64 * 1024

/** A frame up to this size is worth copying: one write of one buffer costs less than a gathered write of two. */
export const MAX_COPIED_BYTES = 16 * 1024

/** Who writes into a slab. It is given its part as soon as another one wants to write. */
export interface SlabWriter {
  takePart(part: Buffer): void
}

/**
 * The memory that small frames of all connections are written into, one after the other, so that the frames of one
 * tick lie together and leave in one write. A region is never written twice while anybody may still read it.
 */
export class SendSlab {
  #bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #writer: SlabWriter | undefined
  #start = 0
  #end = 0

  get bytes(): Buffer {
    return this.#bytes
  }

  /** Makes room for `size` bytes, at most the slab's, after what `writer` has written already, and returns their offset. */
  open(writer: SlabWriter, size: number): number {
    if (this.#writer !== writer || this.#end + size > SLAB_BYTES) this.#changeWriter(writer, size)
    return this.#end
  }

  /** Says up to where the writer has written. */
  commit(end: number): void {
    this.#end = end
  }

  /** Ends the writer's region and returns it, if there is one. */
  seal(writer: SlabWriter): Buffer | undefined {
    if (this.#writer !== writer) return undefined
    this.#writer = undefined
    const part = this.#bytes.subarray(this.#start, this.#end)
    this.#start = this.#end
    return part.length > 0 ? part : undefined
  }

  /** Takes back a region that nobody reads any more, where it is the last one. */
  reuse(part: Buffer): void {
    if (part.buffer !== this.#bytes.buffer || this.#writer !== undefined) return
    if (part.byteOffset + part.length !== this.#end) return
    this.#start = this.#end = part.byteOffset
  }

  #changeWriter(writer: SlabWriter, size: number): void {
    const previous = this.#writer
    const part = previous && this.seal(previous)
    if (part) previous?.takePart(part)
    if (this.#end + size > SLAB_BYTES) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#start = this.#end = 0
    }
    this.#writer = writer
  }
}
