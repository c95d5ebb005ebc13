/** What the browser tests stand on: a real browser with the languages, fonts and separation that they rely on. */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '#test/support/browser.ts'
import { listenOnLoopback } from '#test/support/loopback.ts'

describe('the browser', () => {
  let opened: TestBrowser
  let site: Server
  let url: string

  beforeAll(async () => {
    site = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html; charset=utf-8').end('<title>櫃檯</title><p>ok'),
    )
    url = `http://127.0.0.1:${await listenOnLoopback(site)}/`
    opened = await openBrowser()
  })

  afterAll(async () => {
    await opened?.close()
    site.close()
  })

  it('is a touch screen of the size and language asked for', async () => {
    const context = await opened.screen({ size: 'small', language: 'en' })
    const page = await context.newPage()
    await page.goto(url)
    expect(await page.title()).toBe('櫃檯')
    const seen = await page.evaluate(() => [innerWidth, innerHeight, navigator.language, navigator.maxTouchPoints > 0])
    expect(seen).toEqual([1024, 768, 'en', true])
    await context.close()
  })

  it('has fonts for both languages, in forms as well', async () => {
    const context = await opened.screen()
    const page = await context.newPage()
    await page.goto(url)
    await page.setContent('<p>櫃檯 Counter</p><input value="會員 Member"><button>收款</button>')
    await page.locator('input').fill('王小明')
    expect((await page.screenshot()).length).toBeGreaterThan(1_000)
    expect(await page.locator('input').inputValue()).toBe('王小明')
    await context.close()
  })

  it('keeps contexts apart, and closing one leaves the others', async () => {
    const [one, other] = await Promise.all([opened.screen(), opened.screen()])
    const [first, second] = await Promise.all([one.newPage(), other.newPage()])
    await Promise.all([first.goto(url), second.goto(url)])
    await first.evaluate(() => localStorage.setItem('counter', '1'))
    expect(await second.evaluate(() => localStorage.getItem('counter'))).toBeNull()
    await one.close()
    expect(await second.evaluate(() => document.body.textContent)).toContain('ok')
    await other.close()
  })

  it('holds pages to their origin', async () => {
    const context = await opened.screen()
    const page = await context.newPage()
    await page.goto(url)
    const read = page.evaluate(async (other) => (await fetch(other)).text(), url.replace('127.0.0.1', 'localhost'))
    await expect(read).rejects.toThrow('Failed to fetch')
    await context.close()
  })
})
