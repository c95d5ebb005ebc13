/** Joining a shop by a one-time code; and why it could not be done, in words. */
import { safe } from '@orpc/client'
import type { TFunction } from 'i18next'
import type { TerminalClient } from '#renderer/ui/client.ts'

type Request = Parameters<TerminalClient['setup']['enrol']>[0]

/** Null when it has joined. */
export async function troubleJoining(client: TerminalClient, request: Request, t: TFunction): Promise<string | null> {
  const { error, isDefined } = await safe(client.setup.enrol(request))
  if (!error) return null
  return isDefined && error.code === 'NOT_JOINED' ? t(`setup.refused.${error.data.reason}`) : t('setup.failed')
}
