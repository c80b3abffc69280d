import { areaPath, groupsOf, linePath } from './line.js'
import { formatNumber } from './numbers.js'
import { WINDOW } from './readings.js'
import { decimalsOf, scaleOf, ticksOf } from './scale.js'

const SVG = 'http://www.w3.org/2000/svg'
const TOP = 8
const BOTTOM = 24
const RIGHT = 8
/** As wide as a digit, in pixels, and what is between labels and lines. */
const DIGIT = 7.5
const GAP = 8
const TIMES = [
  [60_000, '1 min ago', 'start'],
  [30_000, '30 s', 'middle'],
  [0, 'now', 'end'],
]

/** Draws the last minute of a device into an <svg>, in its pixels. */
export class LiveChart {
  #svg
  #width = 0
  #height = 0
  /** How much of the width the labels take. */
  #left = 0
  #grid = element('path', { class: 'grid' })
  #labels = element('g')
  /** Clips what is older than the chart shows. */
  #plot = element('svg', { 'aria-hidden': 'true' })
  #area = element('path', { class: 'area' })
  #line = element('path', { class: 'line' })
  #latest = element('circle', { class: 'latest', r: 5 })
  #drawnAxes

  /** `resized` is called when there is another size to draw for. */
  constructor(svg, resized) {
    this.#svg = svg
    this.#plot.append(this.#area, this.#line, this.#latest)
    svg.append(this.#grid, this.#labels, this.#plot)
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width
      this.#height = contentRect.height
      resized()
    }).observe(svg)
  }

  set label(text) {
    this.#svg.setAttribute('aria-label', text)
  }

  draw(readings, now) {
    if (this.#width === 0 || readings.length === 0) return
    const scale = scaleOf(readings.map(([, value]) => value))
    const bottom = this.#height - BOTTOM
    const y = (value) => bottom - ((value - scale.low) / (scale.high - scale.low)) * (bottom - TOP)
    this.#drawAxes(scale, y)
    const pixelsPerMillisecond = this.#span / WINDOW
    const place = { x: (at) => (at - now + WINDOW) * pixelsPerMillisecond, y }
    const groups = groupsOf(readings)
    this.#line.setAttribute('d', groups.map((group) => linePath(group, place)).join(''))
    this.#area.setAttribute('d', groups.map((group) => areaPath(group, place, bottom)).join(''))
    const [at, value] = readings.at(-1)
    this.#latest.setAttribute('cx', place.x(at))
    this.#latest.setAttribute('cy', place.y(value))
  }

  get #span() {
    return this.#width - this.#left - RIGHT
  }

  #drawAxes(scale, y) {
    const axes = `${scale.low} ${scale.high} ${this.#width} ${this.#height}`
    if (axes === this.#drawnAxes) return
    this.#drawnAxes = axes
    const ticks = ticksOf(scale)
    const texts = ticks.map((tick) => formatNumber(tick, decimalsOf(scale.step)))
    this.#left = Math.max(...texts.map(({ length }) => length)) * DIGIT + GAP
    this.#plot.setAttribute('x', this.#left)
    this.#plot.setAttribute('width', this.#width - this.#left)
    this.#grid.setAttribute('d', ticks.map((tick) => `M${this.#left} ${y(tick)}H${this.#width}`).join(''))
    this.#labels.replaceChildren(
      ...ticks.map((tick, index) => label(texts[index], this.#left - GAP, y(tick) + 4, 'end')),
      ...TIMES.map(([ago, text, anchor]) =>
        label(text, this.#left + (1 - ago / WINDOW) * this.#span, this.#height - 6, anchor),
      ),
    )
  }
}

function label(text, x, y, anchor) {
  const shown = element('text', { x, y, 'text-anchor': anchor })
  shown.textContent = text
  return shown
}

function element(name, attributes = {}) {
  const created = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value)
  return created
}
