import { LiveChart } from './live-chart.js'
import { formatValue } from './numbers.js'
import { Readings } from './readings.js'

const COLOURS = 4
/** Milliseconds without a measurement after which a device is called silent. */
const SILENT_AFTER = 5000

let count = 0

/** One device: its latest value, its chart, and a summary of the chart in numbers. */
export class DeviceCard {
  element = document.getElementById('card-template').content.firstElementChild.cloneNode(true)
  name
  #unit
  #readings
  #chart
  #texts = {}

  constructor({ device, readings }, now) {
    this.name = device.name
    this.#unit = device.unit
    this.#readings = new Readings(readings)
    this.element.dataset.device = device.id
    this.element.dataset.colour = count % COLOURS
    count += 1
    this.#chart = new LiveChart(this.element.querySelector('.chart'), () => this.draw(now()))
    this.#show('name', device.name)
    this.#show('unit', device.unit)
  }

  add(reading) {
    this.#readings.add(reading)
  }

  /** The numbers, as of a time. */
  showNumbers(now) {
    const { lowest, average, highest } = this.#readings.summaryAt(now)
    const [lowestText, averageText, highestText] = [lowest, average, highest].map(formatValue)
    const latest = formatValue(this.#readings.latest[1])
    this.#show('number', latest)
    this.#show('lowest', lowestText)
    this.#show('average', averageText)
    this.#show('highest', highestText)
    this.#chart.label = `Chart of the last minute: now ${latest} ${this.#unit}, from ${lowestText} to ${highestText}`
    this.#showState(now)
  }

  draw(now) {
    this.#chart.draw(this.#readings.until(now), now)
  }

  isSilent(now) {
    return now - this.#readings.latest[0] > SILENT_AFTER
  }

  #showState(now) {
    const isSilent = this.isSilent(now)
    this.element.dataset.state = isSilent ? 'silent' : 'live'
    const seconds = Math.round((now - this.#readings.latest[0]) / 1000)
    this.#show('state', isSilent ? `Silent for ${describe(seconds)}` : 'Live')
  }

  /** Texts change less often than they are shown. */
  #show(name, text) {
    if (this.#texts[name] === text) return
    this.#texts[name] = text
    this.element.querySelector(`.${name}`).textContent = text
  }
}

function describe(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
