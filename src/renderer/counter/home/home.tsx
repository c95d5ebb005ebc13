/** The counter: member, sale, payment and keypad, always there. */
import { Drawer } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { Dialogs } from '#renderer/counter/dialogs/dialogs.tsx'
import { PaperPanel } from '#renderer/counter/paper/paper-panel.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { DonePanel } from './done-panel.tsx'
import styles from './home.module.css'
import { KeypadPanel } from './keypad-panel.tsx'
import { MemberPanel } from './member-panel.tsx'
import { SalePanel } from './sale-panel.tsx'
import { StatusLine } from './status-line.tsx'
import { TenderPanel } from './tender-panel.tsx'
import { useShortcuts } from './use-shortcuts.ts'

/** Below this the preview is a drawer, so that it never crowds the counter. */
const ROOM_FOR_PAPER = '(min-width: 1340px)'

export function Home() {
  const { t } = useTranslation()
  const { status } = useTerminal()
  const { cart, dialog } = useDesk()
  const roomy = useMediaQuery(ROOM_FOR_PAPER) ?? false
  const [paperOpen, setPaperOpen] = useState(false)
  const preview = status.printer === 'none'
  useShortcuts(dialog === null)

  return (
    <div className={styles.screen} onMouseDown={keepFocus}>
      <StatusLine onPaper={preview && !roomy ? () => setPaperOpen(true) : null} />
      <div className={styles.body}>
        <main className={styles.counter}>
          <MemberPanel />
          {cart.done ? <DonePanel done={cart.done} /> : <SalePanel />}
          <TenderPanel />
          <KeypadPanel />
        </main>
        {preview && roomy && (
          <aside className={styles.paper} aria-label={t('paper.title')}>
            <PaperPanel />
          </aside>
        )}
      </div>
      <Drawer
        opened={paperOpen && !roomy}
        onClose={() => setPaperOpen(false)}
        position="right"
        size={340}
        title={t('paper.title')}
        closeButtonProps={{ 'aria-label': t('common.close'), size: 44 }}
      >
        <PaperPanel onScanned={() => setPaperOpen(false)} />
      </Drawer>
      <Dialogs />
    </div>
  )
}

/** A finger on a button leaves the focus where it was, so that the next Enter is never that button's. */
function keepFocus(event: React.MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button')) event.preventDefault()
}
