/** Something to be sold. Prices are in whole euros. */
export interface Lot {
  /** Names the lot in URLs, and its picture. */
  readonly id: string
  readonly title: string
  readonly description: string
  readonly startingPrice: number
  /** How much a bid must be above the highest one. */
  readonly step: number
  /** How long its auction lasts, in minutes. */
  readonly minutes: number
}

export const LOTS: readonly Lot[] = [
  {
    id: 'lamp',
    title: 'Lighthouse lamp',
    description: 'Brass and cut glass, about 1910. It was lit every night for 61 years.',
    startingPrice: 120,
    step: 10,
    minutes: 30,
  },
  {
    id: 'radio',
    title: 'Valve radio',
    description: 'Walnut case, five valves, long and medium wave. It hums for a minute, then it sings.',
    startingPrice: 40,
    step: 5,
    minutes: 60,
  },
  {
    id: 'globe',
    title: 'Desk globe',
    description: 'Paper on plaster, 1932, on an oak foot. The Pacific is a little faded.',
    startingPrice: 75,
    step: 5,
    minutes: 120,
  },
]
