/** One claim, from the first look to the points in hand. */
import { useEffect } from 'react'
import type { MemberApi } from './api.ts'
import { ClaimAction } from './claim-action.tsx'
import { Message } from './message.tsx'
import { Ticket } from './ticket.tsx'
import { useClaim } from './use-claim.ts'
import { useWords } from './words.ts'

export function ClaimScreen({ api, token, onShop }: { api: MemberApi; token: string; onShop: (shop: string) => void }) {
  const { t } = useWords()
  const page = useClaim(api, token)
  const { view, shop } = page
  useEffect(() => onShop(shop), [onShop, shop])

  if (view.at === 'loading') return <Waiting label={t('loading')} />
  if (view.at === 'bad') {
    return <Message icon="cross" title={t(`bad.${view.reason}.title`)} detail={t(`bad.${view.reason}.detail`)} />
  }
  if (view.at === 'unreachable') {
    return (
      <Message icon="cloud" title={t(`problem.${view.problem}.title`)} detail={t(`problem.${view.problem}.detail`)}>
        <button type="button" className="main" disabled={page.busy} onClick={page.look}>
          {t('tryAgain')}
        </button>
      </Message>
    )
  }
  return (
    <>
      <Ticket info={view.info} balance={view.balance} justClaimed={view.justClaimed} />
      <ClaimAction page={page} info={view.info} />
    </>
  )
}

function Waiting({ label }: { label: string }) {
  return (
    <main className="ticket waiting" aria-busy="true" aria-label={label}>
      <span className="line short" />
      <span className="line tall" />
      <span className="line" />
      <span className="line" />
    </main>
  )
}
