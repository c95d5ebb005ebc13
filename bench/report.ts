/** The figures as a table for people, each beside what is aimed at. */
import { cpus } from 'node:os'
import type { Drain } from './drain.ts'
import type { Lookup } from './lookup.ts'
import type { SaleCommit } from './sale-commit.ts'
import type { SnapshotFigures } from './snapshot.ts'

export type Figures = {
  saleCommit: SaleCommit | null
  drain: Drain | null
  lookup: Lookup | null
  snapshot: SnapshotFigures | null
}

type Line = [what: string, measured: string, beside: string, aim: string]

const ms = (value: number) => `${value.toFixed(2)} ms`
const seconds = (value: number) => `${value.toFixed(2)} s`
const count = (value: number) => Math.round(value).toLocaleString('en')
const rate = (value: number) => `${count(value)} events/s`

export function table(figures: Figures, members: number): string {
  const lines: Line[] = [['', 'Counterfoil', 'bare SQLite, same rows', 'aim'], ...linesOf(figures)]
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...text, '', machine(members)].join('\n')
}

function linesOf({ saleCommit, drain, lookup, snapshot }: Figures): Line[] {
  return [
    ...(saleCommit ? saleLines(saleCommit) : []),
    ...(drain
      ? [
          [
            `${count(drain.events)} offline events drained`,
            seconds(drain.seconds),
            '',
            '< 1 s for 10,000',
          ] satisfies Line,
          ['', rate(drain.eventsPerSecond), rate(drain.bareEventsPerSecond), ''] satisfies Line,
          ['and worked out', seconds(drain.workedOutSeconds), '', ''] satisfies Line,
        ]
      : []),
    ...(lookup ? lookupLines(lookup) : []),
    ...(snapshot
      ? [
          [`new counter, ${count(snapshot.lots)} lots`, seconds(snapshot.seconds), '', '< 3 s'] satisfies Line,
          ['its memory at most', `${Math.round(snapshot.rssMb)} MB`, '', ''] satisfies Line,
        ]
      : []),
  ]
}

const saleLines = ({ p50Ms, p99Ms, bareP50Ms, bareP99Ms }: SaleCommit): Line[] => [
  ['sale commit, p50', ms(p50Ms), ms(bareP50Ms), `< 3 × bare (${(p50Ms / bareP50Ms).toFixed(1)} ×)`],
  ['sale commit, p99', ms(p99Ms), ms(bareP99Ms), '< 2 ms'],
]

const lookupLines = ({ barcodeP99Ms, phoneP99Ms, nameP99Ms }: Lookup): Line[] => [
  ['member by barcode, p99', ms(barcodeP99Ms), '', '< 5 ms'],
  ['member by phone, p99', ms(phoneP99Ms), '', '< 5 ms'],
  ['member by name, p99', ms(nameP99Ms), '', '< 5 ms'],
]

function machine(members: number): string {
  const cores = cpus()
  const shop = `${count(members)} members`
  return `${shop}; SQLite in WAL with synchronous=FULL; Node ${process.versions.node}, ${cores.length} × ${cores[0]?.model.trim()}`
}
