import { rawUpgrade, type ServerProcess, spawnServer } from '@upwire/testkit'
import { CHROMIUM_FLAGS, chromium, describeRequiring } from '@upwire/testkit/requires'
import { type Browser, type BrowserContextOptions, chromium as launcher, type Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { PASSWORD, startAuctions } from './running-auctions.ts'

const EXAMPLE = new URL('..', import.meta.url)

const DEADLINE = 10_000
const PHONE = { width: 360, height: 640 }

vi.setConfig({ testTimeout: 60_000 })

describeRequiring(chromium, 'the auctions in a browser', (executablePath) => {
  let browser: Browser
  let url: string

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS })
    return () => browser.close()
  }, 30_000)

  beforeEach(async () => {
    url = (await startAuctions()).url
  })

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  it('shows each bid to everybody at once', async () => {
    const ada = await enter('Ada')
    const grace = await enter('Grace')
    await bid(ada, '120')
    await grace.locator('#leader', { hasText: 'by Ada' }).waitFor()
    await bid(grace, '150')
    await ada.locator('#leader', { hasText: 'by Grace' }).waitFor()
    await grace.locator('#leader', { hasText: 'by you' }).waitFor()
    for (const page of [ada, grace]) {
      expect(await page.locator('#price').innerText()).toBe('€150')
      expect(await page.locator('#bids .amount').allInnerTexts()).toEqual(['€150', '€120'])
      expect(await page.locator('#hint').innerText()).toBe('€160 or more')
    }
  })

  it('keeps auctions apart, and leads from one to another', async () => {
    const ada = await enter('Ada')
    const grace = await enter('Grace')
    await ada.getByRole('link', { name: 'Valve radio' }).click()
    await ada.waitForURL('**/auctions/radio')
    await bid(ada, '40')
    await ada.locator('#leader', { hasText: 'by you' }).waitFor()
    await bid(grace, '120')
    await grace.locator('#leader', { hasText: 'by you' }).waitFor()
    expect(await grace.locator('#bids .amount').allInnerTexts()).toEqual(['€120'])
  })

  it.each([
    ['-5', 'A bid is more than nothing.'],
    ['a lot', 'A bid is a whole number of euros.'],
    ['12.5', 'A bid is a whole number of euros.'],
    ['119', 'Bid €120 or more.'],
  ])('says what is wrong with a bid of %s, and keeps it', async (amount, message) => {
    const ada = await enter('Ada')
    await bid(ada, amount)
    await ada.getByRole('alert').getByText(message).waitFor()
    expect(await ada.getByLabel('Your bid').inputValue()).toBe(amount)
    expect(await ada.locator('#bids li').count()).toBe(0)
    await bid(ada, '120')
    await ada.locator('#leader', { hasText: 'by you' }).waitFor()
    expect(await ada.getByRole('alert').innerText()).toBe('')
  })

  it('counts down, each second', async () => {
    const ada = await enter('Ada')
    await ada.getByRole('timer').getByText('29:58').waitFor()
    await ada.getByRole('timer').getByText('29:57').waitFor()
  })

  it('lets the auctioneer close an auction, and nobody else', async () => {
    const ada = await enter('Ada')
    const grace = await enter('Grace', { password: PASSWORD })
    await bid(ada, '200')
    await grace.locator('#leader', { hasText: 'by Ada' }).waitFor()

    expect(await closeButton(ada).isVisible()).toBe(false)
    await ada.evaluate("document.getElementById('close').click()")
    await ada.getByRole('alert').getByText('Only the auctioneer can do that.').waitFor()
    expect(await ada.locator('#outcome').isVisible()).toBe(false)

    await closeButton(grace).click()
    await ada.getByText('Sold to you for €200.').waitFor()
    await grace.getByText('Sold to Ada for €200.').waitFor()
    expect(await ada.getByRole('timer').innerText()).toBe('0:00')
    expect(await ada.getByLabel('Your bid').isVisible()).toBe(false)
    const late = await enter('Late')
    await late.getByText('Sold to Ada for €200.').waitFor()
  })

  it('asks for the right password', async () => {
    const page = await newPage()
    await page.goto(url)
    await signIn(page, 'Ada', 'please')
    await page.getByText('That is not the password of the auctioneer.').waitFor()
  })

  it('tells a visitor without a session to sign in, by 401 and without a frame', async () => {
    const client = await rawUpgrade(Number(new URL(url).port), { path: '/auctions/lamp' })
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    const body = await client.body()
    expect(JSON.parse(body)).toEqual({ message: 'Sign in first.', error: 'Unauthorized', statusCode: 401 })
    await client.ended
    expect(client.received.toString()).toBe(body)
  })

  it('comes back after the server was restarted', async () => {
    let server = await startProcess()
    const ada = await enter('Ada', { id: 'globe' })
    await bid(ada, '75')
    await ada.locator('#bids li').waitFor()
    await server.stop('SIGTERM')
    await ada.getByText('Reconnecting…').waitFor()
    await bid(ada, '80')
    await ada.getByText('There is no connection. Your bid was not sent.').waitFor()

    server = await startProcess(new URL(url).port)
    await ada.getByText('Live').waitFor()
    expect(await ada.locator('#bids li').count()).toBe(0)
    await bid(ada, '80')
    await ada.locator('#leader', { hasText: 'by you' }).waitFor()
    expect(await ada.locator('#price').innerText()).toBe('€80')
  })

  it('goes to sign in, and back to the auction, when the session does not hold any more', async () => {
    const server = await startProcess()
    const ada = await enter('Ada', { id: 'radio' })
    await server.stop('SIGTERM')
    await startProcess(new URL(url).port, 'another secret')
    await ada.waitForURL('**/sign-in?auction=radio')
    await signIn(ada, 'Ada')
    await ada.waitForURL('**/auctions/radio')
  })

  it.each(['light', 'dark'] as const)('fits a %s phone of 360 pixels', async (colorScheme) => {
    const page = await newPage({ viewport: PHONE, colorScheme })
    await page.goto(url)
    expect(await overflow(page)).toBe(0)
    await signIn(page, 'A name of 24 characters.')
    await page.getByText('Live').waitFor()
    await bid(page, '1000000')
    await page.locator('#bids li').waitFor()
    expect(await overflow(page)).toBe(0)
  })

  it('breaks no rule of its own content security policy', async () => {
    const page = await newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(url)
    await signIn(page, 'Ada')
    await page.getByText('Live').waitFor()
    await bid(page, '120')
    await page.locator('#bids li').waitFor()
    expect(complaints).toEqual([])
  })

  /** In the place of the application in this process: one that can be restarted. */
  async function startProcess(port = '0', secret = 'a secret for tests'): Promise<ServerProcess> {
    const server = spawnServer(EXAMPLE, { PORT: port, JWT_SECRET: secret })
    onTestFinished(async () => {
      await server.stop('SIGKILL')
    })
    url = await server.opened
    return server
  }

  async function newPage(options?: BrowserContextOptions): Promise<Page> {
    const page = await browser.newPage(options)
    page.setDefaultTimeout(DEADLINE)
    return page
  }

  async function enter(name: string, { id = 'lamp', password = '' } = {}): Promise<Page> {
    const page = await newPage()
    await page.goto(`${url}/auctions/${id}`)
    await signIn(page, name, password)
    await page.getByText('Live').waitFor()
    return page
  }
})

async function signIn(page: Page, name: string, password = ''): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  if (password !== '') {
    await page.getByText('I am the auctioneer').click()
    await page.getByLabel('Password').fill(password)
  }
  await page.getByRole('button', { name: 'Come in' }).click()
}

async function bid(page: Page, amount: string): Promise<void> {
  await page.getByLabel('Your bid').fill(amount)
  await page.getByLabel('Your bid').press('Enter')
}

function closeButton(page: Page) {
  return page.getByRole('button', { name: 'Close this auction now' })
}

/** How many pixels the page is wider than the screen. */
async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}
