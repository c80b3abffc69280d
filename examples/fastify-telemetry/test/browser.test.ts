import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from '@upwire/core'
import { type ServerProcess, spawnServer } from '@upwire/testkit'
import { CHROMIUM_FLAGS, chromium, describeRequiring } from '@upwire/testkit/requires'
import { type Browser, type BrowserContextOptions, chromium as launcher, type Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { BOILER, DEVICE_SECRET, type RunningApp, startApp } from './running-app.ts'

const EXAMPLE = new URL('..', import.meta.url)

const DEADLINE = 10_000
const PHONE = { width: 360, height: 740 }

vi.setConfig({ testTimeout: 60_000 })

describeRequiring(chromium, 'the dashboard in a browser', (executablePath) => {
  let browser: Browser
  let running: RunningApp
  let url: string

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS })
    return () => browser.close()
  }, 30_000)

  beforeEach(async () => {
    running = await startApp()
    url = running.url
  })

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await running.close()
  })

  it('shows simulated devices, whose charts move', async () => {
    await startProcess(newDirectory(), { SIMULATED_DEVICES: undefined })
    const page = await open()
    await page.getByText('4 devices reporting').waitFor()
    const before = await lineOf(page, 'greenhouse')
    await page.waitForFunction(
      `document.querySelector('[data-device=greenhouse] .line').getAttribute('d') !== '${before}'`,
    )
    expect(await page.locator('.name').allInnerTexts()).toEqual([
      'Cold store',
      'Greenhouse',
      'Solar roof',
      'Wine cellar',
    ])
  })

  it('draws what a device pushes, and not what is no measurement', async () => {
    const page = await open()
    const device = await connectDevice()
    expect(await say(device, { sequence: 1, value: 61.5 })).toEqual({ received: 1 })
    await page.locator('[data-device=boiler] .number', { hasText: '61.5' }).waitFor()
    const before = await lineOf(page, 'boiler')

    expect(await say(device, { sequence: 2, value: 'hot' })).toEqual({
      error: { code: 'UPWIRE_BAD_MESSAGE', message: 'must be number', path: '/value' },
    })
    expect(device.readyState).toBe(WebSocket.OPEN)
    expect(await say(device, { sequence: 3, value: 64 })).toEqual({ received: 3 })
    await page.locator('[data-device=boiler] .number', { hasText: '64.0' }).waitFor()
    expect(await lineOf(page, 'boiler')).not.toBe(before)
    expect(await page.locator('[data-device=boiler] dd').allInnerTexts()).toEqual(['61.5', '62.8', '64.0'])
    expect(await page.getByRole('img').getAttribute('aria-label')).toBe(
      'Chart of the last minute: now 64.0 °C, from 61.5 to 64.0',
    )
    device.close()
    await once(device, 'close')
  })

  it('is no way in for a device without a token: 401, before any 101', async () => {
    const page = await open()
    const complaint = page.waitForEvent('console')
    const outcome = await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(location.origin.replace('http', 'ws') + '/measurements')
      socket.onopen = () => resolve('open')
      socket.onclose = ({ code }) => resolve(code)
    })`)
    expect(outcome).toBe(1006)
    // Chromium's words for a 401.
    expect((await complaint).text()).toMatch(/HTTP Authentication failed/)
  })

  it('closes its connection when somebody signs out, in every tab', async () => {
    const page = await open()
    const other = await page.context().newPage()
    const connected = other.waitForEvent('websocket')
    await other.goto(url)
    const closed = (await connected).waitForEvent('close')
    await other.locator('[data-state=connected]').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/sign-in')
    await closed
    await other.waitForURL('**/sign-in')
  })

  it('comes back after the server was restarted, signed in', async () => {
    const directory = newDirectory()
    const server = await startProcess(directory)
    const page = await open()
    await server.stop('SIGTERM')
    await page.getByText('Reconnecting…').waitFor()
    await startProcess(directory, { PORT: new URL(url).port })
    await page.locator('[data-state=connected]').waitFor()
    const device = await connectDevice()
    await say(device, { sequence: 1, value: 61.5 })
    await page.locator('.number', { hasText: '61.5' }).waitFor()
    device.terminate()
  })

  it('stands still while it is paused, and catches up then', async () => {
    const page = await open()
    const connecting = page.waitForEvent('websocket')
    await page.reload()
    const socket = await connecting
    const device = await connectDevice()
    await say(device, { sequence: 1, value: 61.5 })
    await page.locator('.number', { hasText: '61.5' }).waitFor()
    await page.getByRole('button', { name: 'Pause', pressed: false }).click()
    const paused = await lineOf(page, 'boiler')
    const heard = socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes(',70]'))
    await say(device, { sequence: 2, value: 70 })
    await heard
    expect([await page.locator('.number').innerText(), await lineOf(page, 'boiler')]).toEqual([
      '61.5',
      paused,
    ])
    await page.getByRole('button', { name: 'Pause', pressed: true }).click()
    await page.locator('.number', { hasText: '70.0' }).waitFor()
    device.terminate()
  })

  it('draws only when there is news for who wants less motion', async () => {
    const page = await open({ reducedMotion: 'reduce' })
    const device = await connectDevice()
    await say(device, { sequence: 1, value: 61.5 })
    await page.locator('.line[d]').waitFor({ state: 'attached' })
    const before = await lineOf(page, 'boiler')
    await page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
    )
    expect(await lineOf(page, 'boiler')).toBe(before)
    await say(device, { sequence: 2, value: 70 })
    await page.locator('.number', { hasText: '70.0' }).waitFor()
    expect(await lineOf(page, 'boiler')).not.toBe(before)
    device.terminate()
  })

  it.each(['light', 'dark'] as const)('fits a %s phone of 360 pixels', async (colorScheme) => {
    const device = await connectDevice({ name: 'A device with a name of some length, in a far corner' })
    await say(device, { sequence: 1, value: -123_456_789 })
    const page = await newPage({ viewport: PHONE, colorScheme })
    await page.goto(url)
    expect(await overflow(page)).toBe(0)
    await signIn(page)
    await page.locator('.number', { hasText: '−123,456,789' }).waitFor()
    expect(await overflow(page)).toBe(0)
    device.terminate()
  })

  it('says which name it does not take', async () => {
    const page = await newPage()
    await page.goto(url)
    await page.getByLabel('Your name').fill('<b>')
    await page.getByRole('button').click()
    await page.getByText('A name is 1 to 24 letters').waitFor()
  })

  it('breaks no rule of its own content security policy', async () => {
    const page = await newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(url)
    await signIn(page)
    const device = await connectDevice()
    await say(device, { sequence: 1, value: 61.5 })
    await page.locator('.number', { hasText: '61.5' }).waitFor()
    expect(complaints).toEqual([])
    device.terminate()
  })

  /** In the place of the application in this process: one that has simulated devices, or can be restarted. */
  async function startProcess(
    directory: string,
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<ServerProcess> {
    const server = spawnServer(EXAMPLE, {
      PORT: '0',
      DATA_DIRECTORY: directory,
      DEVICE_SECRET,
      SIMULATED_DEVICES: '0',
      ...environment,
    })
    onTestFinished(async () => {
      await server.stop('SIGKILL')
    })
    url = await server.opened
    return server
  }

  async function connectDevice(claims: Record<string, string> = {}): Promise<WebSocket> {
    const token = running.app.jwt.sign({ ...BOILER, ...claims })
    const headers = { authorization: `Bearer ${token}` }
    const device = new WebSocket(`${url.replace('http', 'ws')}/measurements`, { headers })
    await once(device, 'open')
    return device
  }

  async function newPage(options?: BrowserContextOptions): Promise<Page> {
    const page = await browser.newPage(options)
    page.setDefaultTimeout(DEADLINE)
    return page
  }

  async function open(options?: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    page.setDefaultTimeout(DEADLINE)
    await page.goto(url)
    await signIn(page)
    return page
  }
})

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
  await page.locator('[data-state=connected]').waitFor()
}

/** Sends a message and gives the answer to it. */
async function say(device: WebSocket, message: object): Promise<unknown> {
  const answered = once(device, 'message')
  device.send(JSON.stringify(message))
  const [data] = await answered
  return JSON.parse(String(data))
}

async function lineOf(page: Page, device: string): Promise<string | null> {
  return page.locator(`[data-device=${device}] .line`).getAttribute('d')
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** How many pixels the page is wider than the screen. */
async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}
