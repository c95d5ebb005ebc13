/** What a terminal is to those who carry its API: a counter that may have joined a shop, and what it tells of itself. */
import type { EnrolRefusal } from '#core/contract/terminal.ts'
import type { Told } from '#core/contract/views.ts'
import type { Engine } from './engine.ts'

export type EnrolRequest = { serverUrl: string; code: string; counter: string }

export type Joining = {
  /** The running counter, or null before it has joined a shop. */
  engine(): Engine | null
  enrol(request: EnrolRequest): Promise<{ ok: true } | { ok: false; reason: EnrolRefusal }>
}

export type TerminalEvents = { told: Told }
