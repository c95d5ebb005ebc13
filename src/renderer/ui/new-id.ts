import { v7 } from 'uuid'
import { EventId } from '#core/ids.ts'

/** The id of one command, minted once by the screen and kept through all its tries. */
export const newEventId = (): EventId => EventId.parse(v7())
