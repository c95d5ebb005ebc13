/** When there is no ticket to show: what is the matter, and what can be done. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'

export function Message(props: { icon: IconName; title: string; detail: string; children?: ReactNode }) {
  return (
    <main className="message" aria-live="polite">
      <span className="badge">
        <Icon name={props.icon} />
      </span>
      <h1>{props.title}</h1>
      <p>{props.detail}</p>
      {props.children}
    </main>
  )
}
