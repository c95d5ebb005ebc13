/** Members and lots that came as rows of values, made into what a row of a pull is. Every value is parsed. */
import { z } from 'zod'
import { PAGE_COLUMNS, type PageKind } from '#core/contract/snapshot.ts'
import { LotState, MemberState, type PackedRows, type SyncRow } from '#core/contract/sync-rows.ts'
import type { SnapshotPage } from './open-snapshot.ts'

const Place = z.number().int().positive()

/** A pull's rows: each ends with the commit it last changed in. */
export const rowsOfPull = (page: PackedRows): SyncRow[] =>
  valuesIn(page).map((values) => rowOf(page.kind, values.slice(0, -1), Place.parse(values.at(-1))))

/** A snapshot's rows, which all stand under one commit. */
export const rowsUnder = (seq: number, page: SnapshotPage): SyncRow[] =>
  valuesIn(page).map((values) => rowOf(page.kind, values, seq))

function valuesIn({ rows, json }: PackedRows | SnapshotPage): unknown[][] {
  const text = typeof json === 'string' ? json : new TextDecoder().decode(json)
  return z.array(z.array(z.unknown())).length(rows).parse(JSON.parse(text))
}

function rowOf(kind: PageKind, values: readonly unknown[], seq: number): SyncRow {
  const names = NAMES[kind]
  if (values.length !== names.length) throw new Error(`a row of a page is no ${kind}`)
  const named = Object.fromEntries(names.map((name, at) => [name, values[at]]))
  if (kind === 'member') return { kind, seq, state: MemberState.parse(named) }
  const { free, held, ...lot } = named
  return { kind, seq, state: LotState.parse({ lot, free, held }) }
}

const camelCase = (column: string): string => column.replace(/_./g, (found) => found.slice(1).toUpperCase())

const NAMES = { member: PAGE_COLUMNS.member.map(camelCase), lot: PAGE_COLUMNS.lot.map(camelCase) }
