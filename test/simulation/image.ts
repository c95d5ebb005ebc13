/** The server's file as every world begins with it: the demo shop with fifty members, made once in a process. */
import { scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeServer } from '#server/compose.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { makeTempDir, removeDir } from '#test/support/temp.ts'
import { underSeed } from './stand-ins.ts'

export const MEMBERS = 50

let made: Promise<Buffer> | null = null

export const serverImage = (): Promise<Buffer> => (made ??= make())

function make(): Promise<Buffer> {
  return underSeed(0, async () => {
    const dir = makeTempDir()
    try {
      const database = join(dir, 'server.sqlite')
      const server = await composeServer({ database, rounds: 'byHand', clock: Date.now })
      await seedDemoShop(server.database, server.ledger, Date.now, MEMBERS)
      await applyShop(server.database, { ...demoShop, programme: shortLived(demoShop.programme) })
      // Cashiers sign in often here, and nobody guesses their PINs.
      await server.database.db
        .updateTable('staff')
        .set({ pin: cheapHash('1234') })
        .execute()
      await server.close()
      return readFileSync(database)
    } finally {
      removeDir(dir)
    }
  })
}

/** What is given in a world ends within it. */
const shortLived = (programme: typeof demoShop.programme): typeof demoShop.programme => ({
  ...programme,
  pointsValidDays: 45,
  topUp: { ...programme.topUp, valueValidDays: 60, bonusValidDays: 45 },
})

function cheapHash(pin: string): string {
  const salt = Buffer.from('sim')
  const hash = scryptSync(pin, salt, 32, { N: 2, r: 1, p: 1 })
  return ['scrypt', 2, 1, 1, salt.toString('base64url'), hash.toString('base64url')].join('$')
}
