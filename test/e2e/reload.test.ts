/** A page that goes before its command's answer has come: the next one tells what became of it, and nothing is done twice. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Amount, StaffId, type MemberId } from '#core/ids.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import type { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(async () => {
  screen = at().screen
  await screen.signIn()
})

/** Holds the answer back for as long as the page lives. Whether the command reaches the process is the test's choice. */
async function hold(path: string, sent: 'reaches' | 'is lost'): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>()
  const keep = async (route: { fetch: () => Promise<unknown> }) => {
    if (sent === 'reaches') await route.fetch()
    held.resolve()
  }
  await screen.page.route(`**/rpc/${path}`, keep, { times: 1 })
  return () => held.promise
}

const inTheLedger = async (total: number): Promise<number> =>
  (await screen.terminal.transactions.recent()).filter((one) => one.total === total).length

const kept = (): Promise<string> => screen.page.evaluate(() => JSON.stringify(localStorage))
const dialog = () => screen.page.getByRole('dialog')
const signIn = (staff: string, pin: string) => screen.terminal.session.signIn({ staff: StaffId.parse(staff), pin })

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

async function spend(member: MemberId, amount: number): Promise<void> {
  const input = { id: freshId(), member, amount: Amount.parse(amount), note: '' }
  await screen.terminal.value.debit({ ...input, approval: { staff: StaffId.parse('chen'), pin: '1234' } })
}

const UNKNOWN = {
  json: { defined: true, code: 'REFUSED', status: 409, message: '', data: { code: 'memberUnknown' } },
}

describe('a sale in hand', () => {
  const asking = '**/rpc/members/get'

  async function rungUp(): Promise<void> {
    await screen.type('120')
    await screen.press('+')
    await expect.poll(() => screen.page.evaluate(() => JSON.stringify(sessionStorage))).toContain('120')
  }

  /** 120 is rung up, and the page loaded anew, which does something before it hears of the sale's member. */
  async function rungUpAndReloaded(meanwhile: () => Promise<void>): Promise<void> {
    await rungUp()
    const heard = Promise.withResolvers<void>()
    await screen.page.route(asking, async (route) => {
      await heard.promise
      await route.continue()
    })
    await screen.page.reload()
    await screen.part('本次交易').waitFor()
    await meanwhile()
    const answer = screen.page.waitForResponse(asking)
    heard.resolve()
    await answer
    await screen.page.unroute(asking)
    await screen.page.waitForTimeout(300)
  }

  it('is there after a reload, with its member, for its own cashier alone; F5 does nothing to it', async () => {
    const member = await serve()
    await screen.type('120')
    await screen.press('+')
    await screen.press('F5')
    await screen.page.waitForTimeout(300)
    await screen.page.getByTestId('lines').getByText('120').waitFor()
    await screen.page.reload()
    await screen.page.getByTestId('lines').getByText('120').waitFor()
    await screen.part('會員').getByRole('heading', { name: member.label }).waitFor()
    await signIn('jun', '2222')
    await screen.page.reload()
    await screen.part('本次交易').waitFor()
    expect(await screen.due().innerText()).toMatch(/\b0$/)
  })

  it('that comes back leaves whoever has been scanned meanwhile served', async () => {
    const [first, second] = (await screen.terminal.demo.codes()).filter(({ kind }) => kind === 'member')
    if (!first || !second) throw new Error('the demo has no two members')
    await screen.serve(first)
    await rungUpAndReloaded(() => screen.serve(second))
    expect(await screen.page.getByTestId('lines').innerText()).toContain('120')
    expect(await screen.part('會員').getByRole('heading', { name: second.label }).count()).toBe(1)
  })

  it('that comes back has what was scanned meanwhile beside it, and its member', async () => {
    const { label } = await serve()
    const product = await screen.code('product')
    const lines = screen.page.getByTestId('lines')
    await rungUpAndReloaded(async () => {
      await screen.scan(product.text)
      await lines.getByText(product.label).waitFor()
    })
    expect(await lines.innerText()).toContain('120')
    expect(await lines.innerText()).toContain(product.label)
    await screen.part('會員').getByRole('heading', { name: label }).waitFor()
  })

  it('that comes back is not paid before its member is found, and says so where they cannot be', async () => {
    const { label } = await serve()
    await rungUp()
    await screen.page.route(asking, (route) => route.abort())
    await screen.page.reload()
    await screen.page.getByTestId('lines').getByText('120').waitFor()
    await screen.press('Enter')
    await screen.page.getByText('還在找這筆的會員').waitFor()
    await screen.page.unroute(asking)
    await screen.part('會員').getByRole('heading', { name: label }).waitFor()
    await screen.page.route(asking, (route) => route.fulfill({ status: 409, json: UNKNOWN }))
    await screen.page.reload()
    await screen.page.getByText('這筆帶回來了，但找不到它的會員').waitFor()
    await screen.page.unroute(asking)
    await screen.page.getByTestId('lines').getByText('120').waitFor()
  })

  it('is not another cashier’s, where who rang it up has been signed out elsewhere, or by a start of the process', async () => {
    await screen.serve(await screen.code('member'))
    await screen.type('120')
    await screen.press('+')
    await screen.page.getByTestId('lines').getByText('120').waitFor()
    await screen.terminal.session.signOut()
    await screen.page.getByText('請選擇您的名字').waitFor()
    await signIn('jun', '2222')
    await screen.part('本次交易').waitFor()
    await screen.page.waitForTimeout(300)
    expect(await screen.due().innerText()).toMatch(/\b0$/)
  })

  it('is not thrown away by signing out before it was asked', async () => {
    await screen.type('120')
    await screen.button('登出').click()
    await dialog().getByText('還有 1 項未收款').waitFor()
    await dialog().getByRole('button', { name: '返回收銀' }).click()
    await screen.button('登出').click()
    await dialog().getByRole('button', { name: '登出' }).click()
    await screen.page.getByText('請選擇您的名字').waitFor()
    await screen.signIn()
    expect(await screen.due().innerText()).toMatch(/\b0$/)
  })
})

describe('a sale', () => {
  it.each(['reaches', 'is lost'] as const)('that %s is there once, and shown as done, after a reload', async (sent) => {
    const total = sent === 'reaches' ? 461 : 462
    const asked = await hold('checkout/pay', sent)
    await screen.type(`${total}`)
    await screen.press('F4')
    await screen.type('500')
    await screen.press('Enter')
    await asked()
    expect(await inTheLedger(total)).toBe(sent === 'reaches' ? 1 : 0)
    await screen.page.reload()
    await screen.paid()
    expect(await screen.page.getByTestId('change').innerText()).toContain(String(500 - total))
    expect(await inTheLedger(total)).toBe(1)
    expect(await kept()).toBe('{}')
    await screen.page.reload()
    await screen.due().waitFor()
    expect(await screen.done().count()).toBe(0)
  })

  it('is found by a tab that is opened after its own was closed, once somebody has signed in', async () => {
    const asked = await hold('checkout/pay', 'reaches')
    await screen.type('463')
    await screen.press('Enter')
    await asked()
    await screen.page.goto('about:blank')
    await screen.terminal.session.signOut()
    const { context, counter } = at()
    const page = await context.newPage()
    await page.goto(counter.url)
    await page.getByText('請選擇您的名字').waitFor()
    await signIn('jun', '2222')
    await page.getByTestId('done').getByText('收款完成').waitFor()
    expect(await inTheLedger(463)).toBe(1)
    await page.close()
  })

  it('that can no longer be paid so is refused, and back in hand', async () => {
    const member = await serve()
    await screen.terminal.value.topUp({
      id: freshId(),
      member: member.id,
      amount: Amount.parse(1_000),
      tender: 'card',
      received: Amount.parse(1_000),
    })
    const all = await member.value()
    const asked = await hold('checkout/pay', 'is lost')
    await screen.type('464')
    await screen.press('F9')
    await screen.press('Enter')
    await asked()
    await spend(member.id, all - 100)
    await screen.page.reload()
    await screen.page.getByText('「收款 NT$464 · ').waitFor()
    await screen.page.getByTestId('lines').getByText('464').waitFor()
    expect(await inTheLedger(464)).toBe(0)
    await screen.button('用 NT$100').click()
    await screen.press('Enter')
    await screen.paid()
    expect(await inTheLedger(464)).toBe(1)
    expect(await member.value()).toBe(0)
  })

  it('of another cashier is not made by who signs in now, who has it in hand and may pay', async () => {
    const asked = await hold('checkout/pay', 'is lost')
    await screen.type('465')
    await screen.press('Enter')
    await asked()
    await signIn('jun', '2222')
    await screen.page.reload()
    await screen.page.getByText('「收款 NT$465 · ').waitFor()
    await screen.page.getByText('沒有留下任何紀錄').waitFor()
    expect(await inTheLedger(465)).toBe(0)
    await screen.page.waitForTimeout(400)
    await screen.press('Enter')
    await screen.paid()
    expect(await inTheLedger(465)).toBe(1)
  })

  it('of which the new page hears nothing either is asked about until it does', async () => {
    const asked = await hold('checkout/pay', 'reaches')
    await screen.type('466')
    await screen.press('Enter')
    await asked()
    await screen.page.route('**/rpc/checkout/pay', (route) => route.abort(), { times: 1 })
    await screen.page.reload()
    await dialog().getByText('還不知道這個動作有沒有完成').waitFor()
    await screen.press('Escape')
    await screen.press('Enter')
    await screen.paid()
    expect(await dialog().count()).toBe(0)
    expect(await inTheLedger(466)).toBe(1)
  })
})

it('who is scanned while it is asked about a command stays served, though it turns out not to be done', async () => {
  const [first, second] = (await screen.terminal.demo.codes()).filter(({ kind }) => kind === 'member')
  if (!first || !second) throw new Error('the demo has no two members')
  await screen.serve(first)
  const { id: member } = await screen.memberNamed(first.label)
  const amount = Amount.parse(3_000)
  await screen.terminal.value.topUp({ id: freshId(), member, amount, tender: 'card', received: amount })
  await screen.button('扣儲值').click()
  await screen.type('500')
  const asked = await hold('value/debit', 'is lost')
  await screen.press('Enter')
  await asked()
  await screen.page.route('**/rpc/members/get', async (route) => {
    await screen.part('會員').getByRole('heading', { name: second.label }).waitFor()
    await route.continue()
  })
  await screen.page.route('**/rpc/transactions/told', async (route) => {
    await screen.scan(second.text)
    await route.continue()
  })
  await screen.page.reload()
  await screen.page.getByText('「扣儲值 NT$500 · ').waitFor()
  expect(await screen.part('會員').getByRole('heading', { name: second.label }).count()).toBe(1)
  await screen.page.unrouteAll({ behavior: 'ignoreErrors' })
})

describe("a dialog's command", () => {
  it('a top-up is done once, and shown as done', async () => {
    const member = await serve()
    const before = await member.value()
    const asked = await hold('value/topUp', 'is lost')
    await screen.press('Shift+F9')
    await dialog().getByText('1,000').first().click()
    await screen.press('Enter')
    await asked()
    await screen.page.reload()
    await screen.done().getByText('加值完成').waitFor()
    expect(await member.value()).toBe(before + 1_050)
  })

  it('a new member is enrolled once, and served', async () => {
    const asked = await hold('members/enrol', 'reaches')
    await screen.press('Shift+F2')
    await screen.page.getByLabel('姓名').fill('重新載')
    await screen.page.getByLabel('電話').fill('0900000977')
    await screen.press('Enter')
    await asked()
    await screen.page.reload()
    await screen.page.getByText('已加入新會員 重新載').waitFor()
    await screen.part('會員').getByRole('heading', { name: '重新載' }).waitFor()
    expect(await screen.terminal.members.find({ query: '重新載' })).toHaveLength(1)
  })

  it.each(['reaches', 'is lost'] as const)(
    'approved by a PIN, which is kept nowhere, that %s: it is asked whether it is done',
    async (sent) => {
      const member = await serve()
      const amount = Amount.parse(3_000)
      await screen.terminal.value.topUp({
        id: freshId(),
        member: member.id,
        amount,
        tender: 'card',
        received: amount,
      })
      const before = await member.value()
      await screen.button('扣儲值').click()
      await screen.type('2500')
      await screen.press('Enter')
      await dialog().getByText('請店長核准').waitFor()
      const asked = await hold('value/debit', sent)
      await screen.type('1234')
      await screen.press('Enter')
      await asked()
      expect(await kept()).toContain('2500')
      expect(await kept()).toContain((await screen.terminal.status.get()).epoch)
      expect(await kept()).not.toContain('1234')
      // A manager would need nobody's approval, and has not asked for it.
      await signIn('chen', '1234')
      await screen.page.reload()
      if (sent === 'reaches') await screen.done().getByText('已扣儲值').waitFor()
      else await screen.page.getByText('「扣儲值 NT$2,500 · ').waitFor()
      await screen.part('會員').getByRole('heading').waitFor()
      expect(await member.value()).toBe(sent === 'reaches' ? before - 2_500 : before)
      expect(await kept()).toBe('{}')
    },
  )
})

it('what became of two left commands is told one after the other, each until it is dismissed', async () => {
  await serve()
  await screen.page.route('**/rpc/checkout/pay', (route) => route.abort(), { times: 1 })
  await screen.type('437')
  await screen.press('Enter')
  await screen.page.getByText('還不知道這筆有沒有完成').waitFor()
  const asked = await hold('value/topUp', 'reaches')
  await screen.press('Shift+F9')
  await dialog().getByText('1,000').first().click()
  await screen.press('Enter')
  await asked()
  await signIn('jun', '2222')
  await screen.page.reload()
  await expect.poll(kept).toBe('{}')
  await screen.page.getByText('「收款 NT$437 · ').waitFor()
  await screen.page.waitForTimeout(400)
  await screen.button('知道了').click()
  await screen.page.getByText('已加值 NT$1,000').waitFor()
})

it('what cannot be read is dropped without a word', async () => {
  const { terminal } = await screen.terminal.status.get()
  await screen.page.evaluate((key) => {
    localStorage.setItem(`${key}1`, '{"order":')
    localStorage.setItem(`${key}2`, '{"order":{"kind":"of before"}}')
  }, `counterfoil:${terminal}:`)
  await screen.page.reload()
  await screen.due().waitFor()
  await expect.poll(kept).toBe('{}')
  expect(await dialog().count()).toBe(0)
  expect(await screen.page.getByRole('alert').count()).toBe(0)
})
