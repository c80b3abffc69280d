import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerProcess, spawnServer } from '@upwire/testkit'
import { CHROMIUM_FLAGS, chromium, describeRequiring } from '@upwire/testkit/requires'
import { type Browser, type BrowserContextOptions, chromium as launcher, type Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { type RunningChat, startChat } from './running-chat.ts'

const EXAMPLE = new URL('..', import.meta.url)

const DEADLINE = 10_000
const PHONE = { width: 360, height: 640 }

vi.setConfig({ testTimeout: 60_000 })

describeRequiring(chromium, 'the chat in a browser', (executablePath) => {
  let browser: Browser
  let chat: RunningChat
  let url: string

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS })
    return () => browser.close()
  }, 30_000)

  beforeEach(async () => {
    chat = await startChat()
    url = chat.url
  })

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await chat.close()
  })

  it('lets two people talk, and shows each who comes and goes', async () => {
    const ada = await enter('Ada')
    const grace = await enter('Grace')
    await ada.getByText('Grace joined').waitFor()
    expect(await ada.locator('#people li').allInnerTexts()).toEqual(['A\nAda (you)', 'G\nGrace'])
    expect(await grace.locator('#people li').allInnerTexts()).toEqual(['G\nGrace (you)', 'A\nAda'])

    await say(ada, 'Hello Grace')
    await grace.locator('.message:not(.own)', { hasText: 'Hello Grace' }).waitFor()
    await grace.locator('#text').pressSequentially('Hi')
    await ada.getByText('Grace is typing…').waitFor()
    await say(grace, 'Hello <b>Ada</b>')
    await ada.locator('.message:not(.own)', { hasText: 'Hello <b>Ada</b>' }).waitFor()
    await ada.locator('.message.own:not(.pending)', { hasText: 'Hello Grace' }).waitFor()

    await grace.getByRole('button', { name: 'Sign out' }).click()
    await grace.waitForURL('**/sign-in*')
    await ada.getByText('Grace left').waitFor()
    expect(await ada.locator('#count').innerText()).toBe('1')
  })

  it('shows the last messages to who comes later, and goes to a room by its name', async () => {
    const ada = await enter('Ada', 'workshop')
    await say(ada, 'Anybody here?')
    await ada.locator('.own:not(.pending)').waitFor()
    const grace = await enter('Grace')
    await grace.getByLabel('Another room').fill('workshop')
    await grace.getByRole('button', { name: 'Go' }).click()
    await grace.waitForURL('**/rooms/workshop')
    await grace.getByText('Anybody here?').waitFor()
    expect(await grace.locator('[aria-current]').innerText()).toBe('workshop')
  })

  it('says which name it does not take', async () => {
    await enter('Ada')
    const page = await newPage()
    await page.goto(`${url}/rooms/lounge`)
    await page.getByLabel('Your name').fill('ada')
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.getByText('ada is here already. Choose another name.').waitFor()
  })

  it('shows the answer to an invalid message, gives the text back, and stays connected', async () => {
    const ada = await enter('Ada')
    await ada.evaluate("document.getElementById('text').removeAttribute('maxlength')")
    await say(ada, 'x'.repeat(2001))
    await ada.getByText('That is 2001 characters, and 2000 fit into a message.').waitFor()
    expect(await ada.locator('.message').count()).toBe(0)
    expect(await ada.locator('#text').inputValue()).toHaveLength(2001)
    await say(ada, 'Shorter')
    await ada.locator('.own:not(.pending)', { hasText: 'Shorter' }).waitFor()
    expect(await ada.locator('#status').innerText()).toBe('Connected')
  })

  it('shows the round-trip time', async () => {
    const ada = await enter('Ada')
    await ada.locator('#round-trip', { hasText: / ms$/ }).waitFor()
  })

  it('comes back after the server was restarted, signed in, and sends what was written meanwhile', async () => {
    const directory = newDirectory()
    const server = await startProcess(directory)
    const ada = await enter('Ada')
    const grace = await enter('Grace')
    await say(ada, 'Before')
    await grace.getByText('Before').waitFor()
    await server.stop('SIGTERM')
    await ada.getByText('Reconnecting…').waitFor()
    await say(ada, 'Meanwhile')
    await ada.locator('.pending', { hasText: 'Meanwhile' }).getByText('Waiting for the connection').waitFor()

    await startProcess(directory, new URL(url).port)
    await ada.locator('[data-state=connected]').waitFor()
    await ada.locator('.own:not(.pending)', { hasText: 'Meanwhile' }).waitFor()
    await grace.locator('.message:not(.own)', { hasText: 'Meanwhile' }).waitFor()
    expect(await grace.locator('.text').allInnerTexts()).toEqual(['Before', 'Meanwhile'])
  })

  it('goes to sign in, and back to the room, when the session did not survive a restart', async () => {
    const directory = newDirectory()
    const server = await startProcess(directory)
    const ada = await enter('Ada', 'kitchen')
    await server.stop('SIGTERM')
    rmSync(join(directory, 'sessions.json'))
    await startProcess(directory, new URL(url).port)
    await ada.waitForURL('**/sign-in?room=kitchen')
    await comeIn(ada, 'Ada')
    await ada.waitForURL('**/rooms/kitchen')
  })

  it.each(['light', 'dark'] as const)('fits a %s phone of 360 pixels', async (colorScheme) => {
    const page = await newPage({ viewport: PHONE, colorScheme })
    await page.goto(url)
    expect(await overflow(page)).toBe(0)
    await comeIn(page, 'A name of 24 characters.')
    await say(page, `${'x'.repeat(500)} https://example.com/${'path/'.repeat(40)}`)
    await page.locator('.own:not(.pending)').waitFor()
    expect(await overflow(page)).toBe(0)
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Rooms and people' }).click()
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true)
    expect(await overflow(page)).toBe(0)
  })

  it('breaks no rule of its own content security policy', async () => {
    const page = await newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(url)
    await comeIn(page, 'Ada')
    await say(page, 'Hello')
    await page.locator('.own:not(.pending)').waitFor()
    expect(complaints).toEqual([])
  })

  /** In the place of the application in this process: one that can be restarted. */
  async function startProcess(directory: string, port = '0'): Promise<ServerProcess> {
    const server = spawnServer(EXAMPLE, { PORT: port, DATA_DIRECTORY: directory })
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

  async function enter(name: string, room = 'lounge'): Promise<Page> {
    const page = await newPage()
    await page.goto(`${url}/rooms/${room}`)
    await comeIn(page, name)
    return page
  }
})

async function comeIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Come in' }).click()
  await page.locator('[data-state=connected]').waitFor()
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByLabel('Message', { exact: true }).press('Enter')
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'express-chat-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** How many pixels the page is wider than the screen. */
async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}
