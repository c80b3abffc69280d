import type { Device, PageMessage, Person, Reading, Series } from './measurements.ts'
import type { Viewer } from './viewer.ts'

/** Kept for pages that open later: two minutes, of a device that measures twice a second. */
const MAX_READINGS = 240
/** Devices are known by their tokens; the one that has been silent for longest makes room for one more. */
const MAX_DEVICES = 100

/** What the devices measured last, and who looks at it. */
export class Board {
  readonly #series = new Map<string, { device: Device; readings: Reading[] }>()
  readonly #viewers = new Set<Viewer>()

  /** Keeps `value` and shows it to everybody. It is made text once, however many they are. */
  record(device: Device, value: number, at = Date.now()): void {
    const reading: Reading = [at, value]
    this.#keep(device, reading)
    const text = JSON.stringify({ type: 'reading', device, reading } satisfies PageMessage)
    for (const viewer of this.#viewers) viewer.show(device.id, text)
  }

  join(viewer: Viewer): void {
    viewer.greet({ type: 'welcome', you: viewer.person, now: Date.now(), series: this.series })
    this.#viewers.add(viewer)
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
  }

  /** Ends every connection of a person. */
  dismiss({ id }: Person): void {
    for (const viewer of this.#viewers) if (viewer.person.id === id) viewer.dismiss()
  }

  /** Of each device, by name. */
  get series(): Series[] {
    return Array.from(this.#series.values()).sort((a, b) => a.device.name.localeCompare(b.device.name))
  }

  #keep(device: Device, reading: Reading): void {
    const readings = this.#series.get(device.id)?.readings ?? []
    readings.push(reading)
    if (readings.length > MAX_READINGS) readings.shift()
    // Moved to the end: the first device is the one that has been silent for longest.
    this.#series.delete(device.id)
    this.#series.set(device.id, { device, readings })
    if (this.#series.size > MAX_DEVICES) this.#series.delete(this.#series.keys().next().value!)
  }
}
