/** Everything that is said: by devices and to them, and to the page. Each message is one JSON object, sent as text. */
import { type Static, Type } from 'typebox'

/** What a device sends. It counts its measurements, to know which of them have arrived. */
export const Measurement = Type.Object(
  {
    sequence: Type.Integer({ minimum: 0 }),
    value: Type.Number({ minimum: -1e9, maximum: 1e9 }),
  },
  { additionalProperties: false },
)
export type Measurement = Static<typeof Measurement>

/** What a device is answered. */
export const Receipt = Type.Object({ received: Type.Integer() })

/** What a token says of its device. */
export interface Device {
  readonly id: string
  readonly name: string
  readonly unit: string
}

export interface Person {
  readonly id: string
  readonly name: string
}

/** A value and when it arrived, in milliseconds since 1970. Short, since a page gets many of them at once. */
export type Reading = readonly [at: number, value: number]

export interface Series {
  readonly device: Device
  /** The oldest first. */
  readonly readings: readonly Reading[]
}

export type PageMessage =
  | {
      readonly type: 'welcome'
      readonly you: Person
      readonly now: number
      readonly series: readonly Series[]
    }
  | { readonly type: 'reading'; readonly device: Device; readonly reading: Reading }
