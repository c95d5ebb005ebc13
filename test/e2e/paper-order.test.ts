/** The paper that is shown is the last one made, whatever clock the ones before it were made by. */
import { expect, it } from 'vitest'
import { counterWindow } from '#test/support/counter-window.ts'

const at = counterWindow()

it('is the one of the sale just made, though the clock was an hour ahead at the one before it', async () => {
  const { screen } = at()
  const sell = async (amount: string) => {
    await screen.due().waitFor()
    await screen.type(amount)
    await screen.press('Enter')
    await screen.paid()
  }
  const shown = () => screen.page.waitForRequest((request) => request.url().endsWith('/printing/preview'))
  await screen.signIn()
  await sell('481')
  await screen.page.route('**/rpc/printing/jobs', async (route) => {
    const answer = await route.fetch()
    const ahead = (_: string, time: string) => `"at":${Number(time) + 3_600_000}`
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(/"at":(\d+)/g, ahead) })
  })
  const before = shown()
  await screen.load()
  await before
  const after = shown()
  await sell('482')
  const [latest] = await screen.terminal.printing.jobs()
  expect((await after).postData()).toContain(latest?.id)
})
