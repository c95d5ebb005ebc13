import { v7 } from 'uuid'
import type { Command } from '#core/contract/terminal.ts'
import type { Status } from '#core/contract/views.ts'
import { EventId } from '#core/ids.ts'

/** What tells one command from all others: minted once by the screen and kept through all its tries. */
export const newCommand = ({ epoch }: Pick<Status, 'epoch'>): Command => ({ id: EventId.parse(v7()), epoch })
