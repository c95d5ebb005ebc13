/** A command whose answer is lost: it is asked about again under its id, whatever comes between, and is done once. */
import { beforeEach, describe, expect, it } from 'vitest'
import { StaffId, type MemberId } from '#core/ids.ts'
import type { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(async () => {
  screen = at().screen
  await screen.signIn()
})

/** The command reaches the process and is done; its answer does not arrive. */
const loseAnswer = (path: string): Promise<unknown> =>
  screen.page.route(
    `**/rpc/${path}`,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )

const unknown = () => screen.page.getByRole('alert').getByText('還不知道這個動作有沒有完成')
const signInAgain = () => screen.terminal.session.signIn({ staff: StaffId.parse('mei'), pin: '1111' })
const dialog = () => screen.page.getByRole('dialog')

async function serve(): Promise<{ id: MemberId; label: string; value: () => Promise<number> }> {
  const member = await screen.code('member')
  await screen.serve(member)
  const { id } = await screen.memberNamed(member.label)
  return {
    id,
    label: member.label,
    value: async () => (await screen.terminal.members.get({ member: id })).storedValue.total,
  }
}

async function topUp(amount: string): Promise<void> {
  await screen.press('Shift+F9')
  await dialog().getByText(amount).first().click()
  await screen.press('Enter')
}

async function approve(): Promise<void> {
  await dialog().getByText('請店長核准').waitFor()
  await screen.type('1234')
  await screen.press('Enter')
}

describe('a sale', () => {
  it('goes on saying that nobody knows, whatever is keyed', async () => {
    await screen.page.route('**/rpc/checkout/pay', (route) => route.abort(), { times: 1 })
    await screen.type('433')
    await screen.press('Enter')
    await screen.page.getByText('還不知道這筆有沒有完成').waitFor()
    await screen.type('9')
    await screen.page.waitForTimeout(300)
    await screen.page.getByRole('button', { name: '再確認一次', exact: true }).click()
    await screen.paid()
  })

  it('stays open when its second try only hears that nobody is signed in', async () => {
    await loseAnswer('checkout/pay')
    await screen.type('432')
    await screen.press('Enter')
    await screen.page.getByText('還不知道這筆有沒有完成').waitFor()
    await screen.page.route(
      '**/rpc/checkout/pay',
      async (route) => {
        await screen.terminal.session.signOut()
        await route.continue()
      },
      { times: 1 },
    )
    const refused = screen.page.waitForResponse('**/rpc/checkout/pay')
    await screen.press('Enter')
    expect((await refused).status()).toBe(401)
    await screen.page.getByText('請選擇您的名字').waitFor()
    await signInAgain()
    await screen.paid()
    const sales = await screen.terminal.transactions.recent()
    expect(sales.filter((sale) => sale.total === 432)).toHaveLength(1)
  })
})

describe('what one cashier has sent, and another signs in before it is done', () => {
  const lose = (path: string) => screen.page.route(`**/rpc/${path}`, (route) => route.abort(), { times: 1 })

  async function junTakesOver(): Promise<void> {
    await screen.terminal.session.signOut()
    await screen.page.getByText('請選擇您的名字').waitFor()
    await screen.terminal.session.signIn({ staff: StaffId.parse('jun'), pin: '2222' })
    await screen.page.getByText(/「.+」沒有完成/).waitFor()
  }

  it('a sale is only asked about, and is in hand to be paid anew', async () => {
    const sales = async () => (await screen.terminal.transactions.recent()).filter(({ total }) => total === 471).length
    await lose('checkout/pay')
    await screen.type('471')
    await screen.press('Enter')
    await screen.page.getByText('還不知道這筆有沒有完成').waitFor()
    await junTakesOver()
    expect(await sales()).toBe(0)
    await screen.press('Enter')
    await screen.paid()
    expect(await sales()).toBe(1)
  })

  it('what a manager has approved is only asked about', async () => {
    const member = await serve()
    await topUp('3,000')
    await screen.paid()
    const before = await member.value()
    await screen.button('扣儲值').click()
    await screen.type('2500')
    await screen.press('Enter')
    await dialog().getByText('請店長核准').waitFor()
    await lose('value/debit')
    await approve()
    await unknown().waitFor()
    await junTakesOver()
    expect(await dialog().count()).toBe(0)
    expect(await member.value()).toBe(before)
  })
})

describe("a dialog's command", () => {
  it('says that it may have been done, lets nothing change, and is asked about again by Enter', async () => {
    const member = await serve()
    const before = await member.value()
    await loseAnswer('value/topUp')
    await topUp('1,000')
    await unknown().waitFor()
    expect(await dialog().innerText()).not.toContain('這個動作沒有完成')
    expect(await dialog().getByText('3,000').first().isVisible()).toBe(false)
    await screen.press('Escape')
    await screen.scan((await screen.code('product')).text)
    await unknown().waitFor()
    await screen.press('Enter')
    await dialog().waitFor({ state: 'detached' })
    expect(await member.value()).toBe(before + 1_050)
    // What was scanned meanwhile begins the next sale.
    await screen.page
      .getByTestId('lines')
      .getByText((await screen.code('product')).label)
      .waitFor()
  })

  it('goes on after signing out and in', async () => {
    const member = await serve()
    const before = await member.value()
    await loseAnswer('value/topUp')
    await topUp('3,000')
    await unknown().waitFor()
    await screen.terminal.session.signOut()
    await screen.page.getByText('請選擇您的名字').waitFor()
    await signInAgain()
    await screen.done().getByText('加值完成').waitFor()
    expect(await dialog().count()).toBe(0)
    expect(await member.value()).toBe(before + 3_200)
  })

  it('that a manager has approved is not approved, or done, a second time', async () => {
    const member = await serve()
    await topUp('3,000')
    await screen.paid()
    const before = await member.value()
    await screen.button('扣儲值').click()
    await screen.type('2500')
    await screen.press('Enter')
    await dialog().getByText('請店長核准').waitFor()
    await loseAnswer('value/debit')
    await approve()
    await unknown().waitFor()
    await screen.press('Enter')
    await screen.done().getByText('已扣儲值').waitFor()
    expect(await member.value()).toBe(before - 2_500)
  })
})

describe('what only the server can say', () => {
  /** As a counter answers that was put back from a backup and does not reach the server. */
  const forget = (path: string) =>
    screen.page.route(`**/rpc/${path}`, (route) =>
      route.fulfill({ status: 409, json: { json: { ...REFUSED, data: { code: 'mayBeForgotten' } } } }),
    )
  const REFUSED = { defined: true, code: 'REFUSED', status: 409, message: '' }
  const kept = (): Promise<string> => screen.page.evaluate(() => JSON.stringify(localStorage))
  const sales = async (total: number) =>
    (await screen.terminal.transactions.recent()).filter((sale) => sale.total === total).length

  it('of a sale: it is out of the way of the next one, and never done: in the end its cashier hears that it was not', async () => {
    await forget('checkout/pay')
    await forget('transactions/told')
    await screen.type('437')
    await screen.press('Enter')
    await screen.page.getByText(/還不知道「收款 NT\$437 · \d\d:\d\d」有沒有完成/).waitFor()
    expect(await screen.page.getByTestId('lines').getByText('437').count()).toBe(0)
    await screen.page.reload()
    await screen.page.getByText(/還不知道「收款 NT\$437/).waitFor()
    expect(await dialog().count()).toBe(0)
    expect(await kept()).toContain('437')
    await screen.page.unroute('**/rpc/checkout/pay')
    await screen.type('438')
    await screen.press('Enter')
    await screen.paid()
    await screen.page.unroute('**/rpc/transactions/told')
    await screen.page.getByText(/「收款 NT\$437 · \d\d:\d\d」沒有完成/).waitFor({ timeout: 25_000 })
    await screen.type('9')
    await screen.page.getByText('若客人已付款，請重新結帳').waitFor()
    expect([await sales(437), await sales(438)]).toEqual([0, 1])
    expect(await kept()).toBe('{}')
  })

  it('of a sale that turns out to be done: that stays said, whatever is keyed', async () => {
    const done = async (route: { fetch: () => Promise<unknown>; fulfill: (answer: object) => Promise<void> }) => {
      await route.fetch()
      await route.fulfill({ status: 409, json: { json: { ...REFUSED, data: { code: 'mayBeForgotten' } } } })
    }
    await screen.page.route('**/rpc/checkout/pay', done, { times: 1 })
    await forget('transactions/told')
    await screen.type('439')
    await screen.press('Enter')
    await screen.page.getByText(/還不知道「收款 NT\$439/).waitFor()
    await screen.page.unroute('**/rpc/transactions/told')
    await screen.page.getByText('已收款 NT$439').waitFor({ timeout: 25_000 })
    await screen.type('9')
    await screen.page.waitForTimeout(300)
    expect(await screen.page.getByText('已收款 NT$439').count()).toBe(1)
  })

  it('of a sale that turns out not to be done: that stays said, whatever is scanned', async () => {
    await forget('checkout/pay')
    await forget('transactions/told')
    await screen.type('440')
    await screen.press('Enter')
    await screen.page.getByText(/還不知道「收款 NT\$440/).waitFor()
    await screen.page.unroute('**/rpc/checkout/pay')
    await screen.page.unroute('**/rpc/transactions/told')
    await screen.page.getByText(/「收款 NT\$440 · \d\d:\d\d」沒有完成/).waitFor({ timeout: 25_000 })
    const product = await screen.code('product')
    await screen.scan(product.text)
    await screen.page.getByTestId('lines').getByText(product.label).waitFor()
    expect(await screen.page.getByText(/「收款 NT\$440 · \d\d:\d\d」沒有完成/).count()).toBe(1)
  })

  it('of two sales: each is told of', async () => {
    await forget('checkout/pay')
    await forget('transactions/told')
    for (const total of [441, 442]) {
      await screen.type(`${total}`)
      await screen.press('Enter')
      await screen.page.getByText(new RegExp(`還不知道「收款 NT\\$${total}`)).waitFor()
    }
    await screen.page.unroute('**/rpc/checkout/pay')
    await screen.page.unroute('**/rpc/transactions/told')
    await expect.poll(kept, { timeout: 25_000 }).toBe('{}')
    for (const total of [442, 441]) {
      await screen.page.getByText(new RegExp(`「收款 NT\\$${total} · \\d\\d:\\d\\d」沒有完成`)).waitFor()
      await screen.page.waitForTimeout(400)
      await screen.button('知道了').click()
    }
    await screen.page.getByRole('button', { name: '知道了' }).waitFor({ state: 'detached' })
  })

  it("of a dialog's command: the dialog closes, and nothing is sent under another id", async () => {
    const member = await serve()
    const before = await member.value()
    await loseAnswer('value/topUp')
    await topUp('1,000')
    await unknown().waitFor()
    await forget('value/topUp')
    await screen.press('Enter')
    await screen.page.getByText(`還不知道「加值 NT$1,000 · ${member.label} · `).waitFor()
    expect(await dialog().count()).toBe(0)
    await screen.page.unroute('**/rpc/value/topUp')
    await screen.page.reload()
    await screen.done().getByText('加值完成').waitFor()
    expect(await member.value()).toBe(before + 1_050)
  })
})
