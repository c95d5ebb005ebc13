/**
 * Versions of events. A counter that has not been updated writes as it always did, and what it wrote is never rewritten:
 * an older event is brought to the present shape each time it is read. `transfers` keeps its shape in every version, as
 * databases read it out of the text by themselves.
 */
import { z } from 'zod'

/** The version that is written now. */
export const EVENT_VERSION = 1

const Version = z.object({ v: z.number().int().positive() })
const Versioned = Version.loose()
type Versioned = z.infer<typeof Versioned>

/** By version: what makes an event of that version, as JSON, into one of the next. */
export type Upgraders = Readonly<Record<number, (event: Versioned) => Record<string, unknown>>>

const UPGRADERS: Upgraders = {}

export type Upgraded = { ok: true; json: unknown } | { ok: false; reason: 'newerVersion' }

/** An event's JSON in the present shape. What is no event at all is handed back as it is, for the schema to refuse. */
export function upgraded(json: unknown, present = EVENT_VERSION, upgraders = UPGRADERS): Upgraded {
  const version = Version.safeParse(json).data?.v ?? present
  if (version === present) return { ok: true, json }
  if (version > present) return { ok: false, reason: 'newerVersion' }
  let event = Versioned.parse(json)
  while (event.v < present) {
    const upgrade = upgraders[event.v]
    if (!upgrade) break
    event = { ...upgrade(event), v: event.v + 1 }
  }
  return { ok: true, json: event }
}
