/** The figures as a table in Markdown: a row for each work, a column for each system; and what needs saying beside it. */
import { cpus } from 'node:os'
import type { Sizes } from './material.ts'
import { CLIENTS_AT_ONCE } from './material.ts'
import { lotsOf } from '#bench/support/members.ts'
import type { Figure, Work } from './system.ts'

const count = (value: number) => value.toLocaleString('en')

const titles = (sizes: Sizes): Record<Work, string> => ({
  A: `A. ${count(sizes.long)} events, one counter → server → a second`,
  B: `B. ${count(sizes.day)} backlog, to the last acknowledgement`,
  C: `C. ${CLIENTS_AT_ONCE} counters at once, ${count(sizes.eight)} each`,
  D: `D. a new client: ${count(sizes.members)} members, ${count(lotsOf(sizes.members))} balances`,
  E: `E. B sent again: new effects`,
  F: `F. server killed in B: lost / doubled`,
})

export function table(figures: readonly Figure[], sizes: Sizes): string {
  const systems = [...new Set(figures.map(({ system }) => system))]
  const works = [...new Set(figures.map(({ work }) => work))].toSorted()
  const cell = (work: Work, system: string) => {
    const figure = figures.find((one) => one.work === work && one.system === system)
    return figure ? said(figure) : ''
  }
  const lines = [
    ['', ...systems],
    ['---', ...systems.map(() => '---')],
    ...works.map((work) => [titles(sizes)[work], ...systems.map((system) => cell(work, system))]),
  ]
  const notes = figures
    .filter(({ note }) => note !== '')
    .map(({ work, system, note }) => `- ${work}, ${system}: ${note}`)
  const fsync = systems.map((system) => `- fsync, ${system}: ${figures.find((one) => one.system === system)?.fsync}`)
  return [...lines.map((cells) => `| ${cells.join(' | ')} |`), '', ...fsync, ...notes, '', machine()].join('\n')
}

function said({ work, seconds, rssMb, lost, doubled, newEffects }: Figure): string {
  if (seconds === null) return 'not done'
  if (work === 'E') return `${count(newEffects ?? 0)} (${seconds.toFixed(2)} s)`
  if (work === 'F') return `${count(lost ?? 0)} / ${count(doubled ?? 0)} (${seconds.toFixed(2)} s)`
  return `${seconds.toFixed(2)} s${rssMb === null ? '' : `, ${Math.round(rssMb)} MB`}`
}

export function machine(): string {
  const cores = cpus()
  return `Node ${process.versions.node}, ${cores.length} × ${cores[0]?.model.trim()}`
}
