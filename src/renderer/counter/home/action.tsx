import type { ReactNode } from 'react'
import styles from './home.module.css'
import { printed, useCommands, type Shortcut } from './use-shortcuts.ts'

/** A button of the counter with its key printed on it. */
export function CommandButton({ command, children }: { command: Shortcut; children: ReactNode }) {
  const commands = useCommands()
  return (
    <button type="button" className={styles.action} onClick={commands[command]}>
      {children}
      <kbd>{printed(command)}</kbd>
    </button>
  )
}
