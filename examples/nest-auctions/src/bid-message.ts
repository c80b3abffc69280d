import { IsInt, IsPositive, Max } from 'class-validator'

const MAX_AMOUNT = 1_000_000

/** The data of `{ event: 'bid', data: { amount } }`. */
export class BidMessage {
  /** In whole euros. Rules are read from the last to the first. */
  @Max(MAX_AMOUNT, { message: 'That is more than this house has ever seen. Bid one million euros at most.' })
  @IsPositive({ message: 'A bid is more than nothing.' })
  @IsInt({ message: 'A bid is a whole number of euros.' })
  readonly amount!: number
}
