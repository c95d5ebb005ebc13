/** The one thing to do next, in thumb's reach. */
import { useId, useRef, useState, type FormEvent } from 'react'
import type { ClaimInfo } from '#core/contract/member.ts'
import type { ClaimPage } from './use-claim.ts'
import { useWords } from './words.ts'

export function ClaimAction({ page, info }: { page: ClaimPage; info: ClaimInfo }) {
  const { t } = useWords()
  const { signIn, busy, problem } = page
  const isDemo = signIn?.by === 'demo'
  return (
    <footer>
      {problem && (
        <p className="problem" role="alert">
          <strong>{t(`problem.${problem}.title`)}</strong> {t(`problem.${problem}.detail`)}
        </p>
      )}
      {info.state === 'open' && isDemo && <DemoSignIn key={signIn.name} page={page} known={signIn.name} />}
      {info.state === 'open' && !isDemo && (
        <button type="button" className="main" disabled={busy || signIn === null} onClick={page.take}>
          {t(problem === 'invalidToken' ? 'signInAgain' : busy ? 'taking' : 'take')}
        </button>
      )}
      {info.state === 'open' && signIn === null && !busy && (
        <button type="button" className="quiet" onClick={page.look}>
          {t('lineNotLoaded')}
        </button>
      )}
      {(info.state === 'unsynced' || info.state === 'restoring') && (
        <button type="button" className="main" disabled={busy} onClick={page.look}>
          {t(busy ? 'looking' : 'lookAgain')}
        </button>
      )}
      {isDemo && <p className="demo">{t('demo.notice')}</p>}
    </footer>
  )
}

/** Stands in for LINE's sign-in while the shop has no LINE channel, and says so. */
function DemoSignIn({ page, known }: { page: ClaimPage; known: string | null }) {
  const { t } = useWords()
  const [name, setName] = useState('')
  const field = useId()
  const input = useRef<HTMLInputElement>(null)
  const take = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) page.takeAs(name.trim())
    else input.current?.focus()
  }
  if (known !== null) {
    return (
      <>
        <button type="button" className="main" disabled={page.busy} onClick={page.take}>
          {t(page.busy ? 'taking' : 'demo.takeAs', { name: known })}
        </button>
        <button type="button" className="quiet" disabled={page.busy} onClick={page.leaveDemo}>
          {t('demo.someoneElse')}
        </button>
      </>
    )
  }
  return (
    <form onSubmit={take}>
      <label htmlFor={field}>{t('demo.name')}</label>
      <input
        ref={input}
        id={field}
        value={name}
        maxLength={60}
        autoComplete="off"
        enterKeyHint="done"
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="main" disabled={page.busy}>
        {t(page.busy ? 'taking' : 'demo.take')}
      </button>
    </form>
  )
}
