import { Output } from '../src/permessage-deflate/output.ts'

/** Output that remembers whether a final DEFLATE block ended a data set (RFC 1951 §3.2.3). */
export class WatchedOutput extends Output {
  sawFinalBlock = false

  override countFinalBlock(): void {
    this.sawFinalBlock = true
    super.countFinalBlock()
  }
}
