/** The commands of the server's command line: what its keeper does by hand, beside a running server. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { EpochId, StaffId, TerminalId } from '#core/ids.ts'
import { StaffRole } from '#core/contract/views.ts'
import { isPostgresUrl } from '#storage/open.ts'
import { hashPin } from '#storage/pin.ts'
import { databaseFrom, makeFolderOf } from './environment.ts'
import { ensureCursor } from './ledger/cursor.ts'
import { openServerDatabase, type ServerDatabase } from './ledger/database.ts'
import { isMade, placeOf } from './ledger/is-made.ts'
import { loanLines } from './ledger/loans.ts'
import { mint } from './ledger/mint.ts'
import { faultsOf } from './ledger/prove.ts'
import { createLedger, type Ledger } from './ledger/unit-of-work.ts'
import { noteRestored, settleRestore, waitedFor, waive } from './restore/restored.ts'
import { closeEpoch } from './rights/close-epoch.ts'
import { applyShop } from './shop/apply.ts'
import { ShopDocument } from './shop/document.ts'
import { terminalLines } from './shop/terminals.ts'
import { quarantineLines, waitingLines } from '#server/intake/aside-lines.ts'
import { openEpochs } from '#server/intake/chain.ts'
import { makeEnrolCode } from './sync/enrol.ts'

const USAGE = `Usage: node sync-server/cli.ts <command>   (DATABASE_URL or DATA_DIR says which database)
  apply <file>                                puts a shop's document into force: stores, staff, products, programme
  enrol-code --store <id>                     a one-time code that joins one counter, good for a day
  terminals                                   the counters of the shop, their open epochs, and what is the matter with them
  freeze <terminal> --reason <words>          no grants and no member data for a counter; it can still push
  unfreeze <terminal>
  close-epoch <terminal> [epoch] --reason lost|restored
                                              what a lost or replaced counter held goes back to its members:
                                              under the epoch named, or under all that are open
  restored                                    says that this database was put back from a backup: nothing is granted
                                              until every counter has sent everything again
  waive <terminal>                            a restored server no longer waits for this counter
  loans                                       what stores have lent and not got back: to offline sales, lost counters,
                                              early claims
  quarantine                                  what counters have sent and could not be taken in: whose, when, why, and
                                              whether it has been resolved since
  waiting                                     what names something that has not come yet
  staff --id <id> --name <name> --role staff|manager|owner --pin <digits>
                                              adds a member of staff, or changes one
  prove                                       adds everything up again, and verifies every chain`

const OPTIONS = {
  store: { type: 'string' },
  reason: { type: 'string' },
  id: { type: 'string' },
  name: { type: 'string' },
  role: { type: 'string' },
  pin: { type: 'string' },
} as const

type Shop = { database: ServerDatabase; ledger: Ledger }
type Given = Partial<Record<keyof typeof OPTIONS, string>> & { argument: string; second: string }

const COMMANDS: Record<string, (shop: Shop, given: Given) => Promise<string>> = {
  'enrol-code': ({ database }, { store }) => makeEnrolCode(database.db, needed(store, '--store'), Date.now()),
  apply: async ({ database }, { argument }) => {
    const document = ShopDocument.safeParse(JSON.parse(readFileSync(needed(argument, 'the file'), 'utf8')))
    if (!document.success) throw new UsageError(`the document does not read:\n${z.prettifyError(document.error)}`)
    const changed = await applyShop(database, document.data)
    return changed.length === 0 ? 'all of it was in force already' : changed.join('\n')
  },
  terminals: async ({ database }) => (await terminalLines(database.db)).join('\n') || 'no counter has joined yet',
  freeze: (shop, { argument, reason }) =>
    setStatus(shop, needed(argument, 'the terminal'), 'frozen', needed(reason, '--reason')),
  unfreeze: (shop, { argument }) => setStatus(shop, needed(argument, 'the terminal'), 'active', null),
  'close-epoch': close,
  restored: async ({ database, ledger }) => {
    await noteRestored(ledger, null)
    return stillWaitedFor(database)
  },
  waive: async ({ database, ledger }, { argument }) => {
    const id = needed(argument, 'the terminal')
    if (!(await waive(ledger, id))) throw new UsageError(`there is no terminal "${id}"`)
    return stillWaitedFor(database)
  },
  loans: async ({ database }) => (await loanLines(database.db)).join('\n') || 'nothing is lent',
  quarantine: async ({ database }) => (await quarantineLines(database.db)).join('\n') || 'nothing is put aside',
  waiting: async ({ database }) => (await waitingLines(database.db)).join('\n') || 'nothing waits',
  staff: saveStaff,
  prove: async ({ database }) => {
    const faults = await faultsOf(database.db)
    if (faults.length > 0) throw new PlainError(faults.join('\n'))
    return 'every balance is the sum of its transfers, and every chain verifies'
  },
}

async function setStatus({ database }: Shop, terminal: string, status: string, reason: string | null): Promise<string> {
  const { numUpdatedRows } = await database.db
    .updateTable('terminal')
    .set({ status, frozen_reason: reason })
    .where('id', '=', terminal)
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 0) throw new UsageError(`there is no terminal "${terminal}"`)
  await database.db.transaction().execute((trx) => settleRestore(trx, Date.now()))
  return `${terminal} is ${status}`
}

const ClosedFor = z.enum(['lost', 'restored'])

/** All that are open where none is named. */
async function close({ database, ledger }: Shop, given: Given): Promise<string> {
  const terminal = needed(given.argument, 'the terminal')
  const reason = ClosedFor.safeParse(given.reason)
  if (!reason.success) throw new UsageError('--reason is lost or restored')
  const { db } = database
  const known = await db.selectFrom('terminal').select('id').where('id', '=', terminal).executeTakeFirst()
  if (!known) throw new UsageError(`there is no terminal "${terminal}"`)
  const id = TerminalId.parse(known.id)
  const named = given.second ? EpochId.safeParse(given.second) : null
  if (named && !named.success) throw new UsageError(`${terminal} has no epoch "${given.second}"`)
  const epochs = named ? [named.data] : (await openEpochs(db, id)).map(({ epoch }) => epoch)
  const lines: string[] = []
  for (const epoch of epochs) {
    const closed = await closeEpoch(ledger, { terminal: id, epoch }, reason.data)
    if (closed.ok) lines.push(`${id} ${epoch} is closed; it held something of ${closed.lots} lots`)
    else if (closed.reason === 'closedBefore') lines.push(`${id} ${epoch} was closed before`)
    else if (closed.reason === 'unknown') throw new UsageError(`${id} has no epoch "${epoch}"`)
    else throw new PlainError([...lines, unsettled(id, epoch)].join('\n'))
  }
  return lines.join('\n') || `no epoch of ${id} is open`
}

const unsettled = (terminal: string, epoch: string): string =>
  `what ${terminal} ${epoch} has sent is still being worked out: keep the server running, and close it in a moment`

async function stillWaitedFor({ db }: ServerDatabase): Promise<string> {
  const terminals = await waitedFor(db)
  if (terminals.length === 0) return 'no counter is waited for'
  return ['waiting for these counters:', ...terminals.map(({ id, name }) => `${id}\t${name}`)].join('\n')
}

async function saveStaff({ ledger }: Shop, given: Given): Promise<string> {
  const pin = needed(given.pin, '--pin')
  if (!/^\d{4,12}$/.test(pin)) throw new UsageError('a PIN has 4 to 12 digits')
  const row = {
    id: StaffId.parse(needed(given.id, '--id')),
    name: needed(given.name, '--name'),
    role: StaffRole.parse(needed(given.role, '--role')),
    pin: await hashPin(pin),
    active: 1,
  }
  await ledger.write(null, async (unit) => {
    unit.changed('staff', row.id)
    unit.later((trx) =>
      trx
        .insertInto('staff')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute(),
    )
  })
  return `${row.name} (${row.id}) is ${row.role}`
}

/** Said as it is, without a stack. */
export class PlainError extends Error {}

class UsageError extends PlainError {
  constructor(message: string) {
    super(`${message}\n${USAGE}`)
  }
}

function needed(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new UsageError(`${name} is missing`)
  return value
}

/** The one command that has a use for a database in which there is nothing yet. */
const MAKES = 'apply'

const noDatabase = (place: string): string =>
  `there is no server's database at ${placeOf(place)}: DATABASE_URL or DATA_DIR says where to look`

/** What a command says when it is done; the environment tells where the server's database is. */
export async function runCommand(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS })
  const [name = '', argument = '', second = ''] = positionals
  const command = COMMANDS[name]
  if (!command) throw new UsageError(name === '' ? 'no command was given' : `there is no command "${name}"`)
  const place = databaseFrom(env)
  const fresh = !(await isMade(place))
  if (fresh && name !== MAKES) throw new PlainError(noDatabase(place))
  if (!isPostgresUrl(place)) makeFolderOf(place)
  const database = await openServerDatabase(place)
  try {
    await ensureCursor(database.db)
    const ledger = createLedger({
      database,
      clock: Date.now,
      mint,
      afterEvents: async () => undefined,
      announce: () => undefined,
    })
    const said = await command({ database, ledger }, { ...values, argument, second })
    return fresh ? `${placeOf(place)} is a new database\n${said}` : said
  } finally {
    await database.close()
  }
}
