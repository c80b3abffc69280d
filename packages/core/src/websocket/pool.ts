/** Objects that are needed for moments only, kept for the next moment. A burst's surplus is left to the garbage collector. */
export class Pool<Item> {
  readonly #make: () => Item
  readonly #most: number
  readonly #free: Item[] = []

  constructor(make: () => Item, most: number) {
    this.#make = make
    this.#most = most
  }

  take(): Item {
    return this.#free.pop() ?? this.#make()
  }

  giveBack(item: Item): void {
    if (this.#free.length < this.#most) this.#free.push(item)
  }
}
