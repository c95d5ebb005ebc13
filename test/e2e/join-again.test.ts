/** A counter that its server has forgotten joins again from its settings, by a code of its own store (R12). */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { openBrowser, type TestBrowser } from '#test/support/browser.ts'
import { CounterScreen } from '#test/support/counter-screen.ts'
import { openDemoShop, type DemoShop } from '#test/support/demo-shop.ts'

let opened: TestBrowser
let shop: DemoShop

beforeAll(async () => {
  ;[shop, opened] = await Promise.all([openDemoShop(), openBrowser()])
})
afterAll(async () => {
  await opened.close()
  await shop.close()
})

it('says that a code is of another store, and takes one of its own', async () => {
  const { db } = shop
  const counter = await shop.openCounter('1 號櫃台')
  const screen = await CounterScreen.open(await opened.screen(), counter.url)
  await screen.signIn()
  const { id: terminal } = await db.selectFrom('terminal').select('id').executeTakeFirstOrThrow()
  await db.deleteFrom('event').where('terminal', '=', terminal).execute()
  await db.deleteFrom('terminal_epoch').where('terminal', '=', terminal).execute()
  await db.deleteFrom('terminal').where('id', '=', terminal).execute()
  await screen.type('90')
  await screen.press('Enter')
  await screen.paid()
  await expect.poll(async () => (await screen.terminal.status.get()).frozen).toBe('unknownTerminal')

  await screen.button('設定').click()
  const join = async (store: string) => {
    await screen.page.getByLabel('加入代碼').fill(await makeEnrolCode(db, store, Date.now()))
    await screen.button('重新加入').click()
  }
  await join('s2')
  await screen.page.getByText('這個代碼是另一家分店的').waitFor()
  await join('s1')
  await screen.page.getByText('重新加入商店').waitFor({ state: 'detached' })
  await expect.poll(async () => (await screen.terminal.status.get()).unsynced).toBe(0)
})
