import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { MEMBER_PREFIX, type memberContract } from '#core/contract/member.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer } from '#test/support/sync-server.ts'

it('logs what fails in a call of either API, and no refusal', async () => {
  const said: string[] = []
  const logger = pino({ level: 'error' }, { write: (line) => void said.push(line) })
  const failed = () => said.filter((line) => line.includes('a call failed'))
  const server = await startServer('sqlite', { logger })
  const counter = await SyncCounter.join(server)
  const phone: ContractRouterClient<typeof memberContract> = createORPCClient(
    new RPCLink({ url: `${server.url}${MEMBER_PREFIX}` }),
  )
  await expect(phone.claim.info({ token: 'x', idToken: null })).rejects.toMatchObject({ code: 'BAD_CLAIM' })
  expect(failed()).toEqual([])

  await sql`drop table programme`.execute(server.database.db)
  await expect(phone.signIn()).rejects.toMatchObject({ status: 500 })
  expect(failed()).toEqual([expect.stringContaining('no such table: programme')])
  await sql`drop table change`.execute(server.database.db)
  await expect(counter.pull()).rejects.toMatchObject({ status: 500 })
  expect(failed()).toEqual([expect.anything(), expect.stringContaining('no such table: change')])
})
