/**
 * Versions of events. A counter that has not been updated writes as it always did, and what it wrote is never rewritten:
 * an older event is brought to the present shape each time it is read. `transfers` keeps its shape in every version, as
 * databases read it out of the text by themselves.
 */
import { z } from 'zod'

/** The version that is written now. */
export const EVENT_VERSION = 1

const Versioned = z.looseObject({ v: z.number().int().positive() })
type Versioned = z.infer<typeof Versioned>

/** By version: what makes an event of that version, as JSON, into one of the next. */
export type Upgraders = Readonly<Record<number, (event: Versioned) => Record<string, unknown>>>

const UPGRADERS: Upgraders = {}

export type Upgraded = { ok: true; json: unknown } | { ok: false; reason: 'newerVersion' }

/** An event's JSON in the present shape. What is no event at all is handed back as it is, for the schema to refuse. */
export function upgraded(json: unknown, present = EVENT_VERSION, upgraders = UPGRADERS): Upgraded {
  const versioned = Versioned.safeParse(json)
  if (!versioned.success) return { ok: true, json }
  let event = versioned.data
  if (event.v > present) return { ok: false, reason: 'newerVersion' }
  while (event.v < present) {
    const upgrade = upgraders[event.v]
    if (!upgrade) break
    event = { ...upgrade(event), v: event.v + 1 }
  }
  return { ok: true, json: event }
}
