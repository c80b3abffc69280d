import { Output } from '../src/permessage-deflate/output.ts'

/** Output that counts the final DEFLATE blocks that end data sets (RFC 1951 §3.2.3). */
export class WatchedOutput extends Output {
  finalBlocks = 0

  override countFinalBlock(): void {
    this.finalBlocks++
    super.countFinalBlock()
  }
}
