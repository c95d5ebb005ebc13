/** The counter's process as the screens see it: its client, its state, the shop's programme, and what it says of printing. */
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { PrintJobView, Status } from '#core/contract/views.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'
import { follow } from '#renderer/ui/follow.ts'
import { useFormats, type Formats } from '#renderer/ui/format.ts'

type Queries = ReturnType<typeof createTanstackQueryUtils<TerminalClient>>

type Terminal = {
  client: TerminalClient
  queries: Queries
  status: Status
  programme: Programme
  formats: Formats
  /** False while the process does not answer. */
  alive: boolean
  /** Print jobs as last heard, by id. */
  jobs: ReadonlyMap<string, PrintJobView>
}

const TerminalContext = createContext<Terminal | null>(null)

/** The counter's process; within the provider's children it is always known. */
export function useTerminal(): Terminal {
  const terminal = use(TerminalContext)
  if (!terminal) throw new Error('useTerminal is for what TerminalProvider holds')
  return terminal
}

type Props = { client: TerminalClient; children: ReactNode; starting: (alive: boolean) => ReactNode }

/** Follows the process and shows `starting` until its state and the programme are known. */
export function TerminalProvider({ client, children, starting }: Props) {
  const queries = useMemo(() => createTanstackQueryUtils(client), [client])
  const { status, alive, jobs } = useWatch(client)
  const known = status !== null
  const { data: programme } = useQuery(queries.shop.programme.queryOptions({ enabled: known }))
  if (!status || !programme) return starting(alive)
  return <Known {...{ client, queries, status, programme, alive, jobs }}>{children}</Known>
}

function Known({ children, ...known }: Omit<Terminal, 'formats'> & { children: ReactNode }) {
  const formats = useFormats(known.programme.money, known.status.zone)
  const { i18n } = useTranslation()
  const language = known.status.language
  useEffect(() => void i18n.changeLanguage(language), [i18n, language])
  return <TerminalContext value={{ ...known, formats }}>{children}</TerminalContext>
}

/** As many as a day's receipts worth watching; older ones are of no interest to the screen. */
const KEPT_JOBS = 50

type Heard = Pick<Terminal, 'alive' | 'jobs'> & { status: Status | null }

/** All that the process says unasked, over one stream. */
function useWatch(client: TerminalClient): Heard {
  const [status, setStatus] = useState<Status | null>(null)
  const [alive, setAlive] = useState(true)
  const [jobs, setJobs] = useState<Terminal['jobs']>(new Map())
  const cache = useQueryClient()
  useEffect(
    () =>
      follow({
        open: async (signal) => {
          const stream = await client.watch(undefined, { signal })
          const recent = await client.printing.jobs()
          setJobs(withJobs(new Map(), recent))
          return stream
        },
        onItem: (told) => {
          setAlive(true)
          if (told.about === 'status') setStatus(told.status)
          else setJobs((before) => withJobs(before, [told.job]))
        },
        onLost: () => setAlive(false),
      }),
    [client],
  )
  const version = status?.dataVersion
  useEffect(() => {
    if (version !== undefined) void cache.invalidateQueries()
  }, [cache, version])
  return { status, alive, jobs }
}

function withJobs(before: Terminal['jobs'], heard: readonly PrintJobView[]): Terminal['jobs'] {
  const all = new Map(before)
  for (const job of heard) all.set(job.id, job)
  return new Map([...all].toSorted(([, a], [, b]) => b.place - a.place).slice(0, KEPT_JOBS))
}
