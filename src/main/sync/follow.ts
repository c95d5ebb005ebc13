/** The server's stream: it only makes a round sooner. */
import type { Holder } from '#core/ledger/account.ts'
import type { SyncClient } from './client.ts'

type Following = { client: SyncClient; holder: Holder; signal: AbortSignal; onError(error: unknown): void }

/** Says up to which commit there is something to pull, until the line breaks. */
export async function follow(
  { client, holder, signal, onError }: Following,
  onNews: (upTo: number) => void,
): Promise<void> {
  try {
    const stream = await client.stream(holder, { signal })
    for await (const { upTo } of stream) onNews(upTo)
  } catch (error) {
    if (!signal.aborted) onError(error)
  }
}
