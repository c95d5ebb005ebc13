/** A server whose database can be put back as it was, as a keeper does it: stopped, the backup copied over, started. */
import { randomUUID } from 'node:crypto'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { composeServer, type Server } from '#server/compose.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { migratedTestDatabase } from './postgres.ts'
import { databaseAt, query } from './postgres-client.ts'
import type { Engine } from './server-database.ts'
import { seedShop, testClock, type TestServer } from './sync-server.ts'
import { tempDir } from './temp.ts'

type Copies = { location: string; save(): Promise<void>; putBack(): Promise<void>; drop(): Promise<void> }

export class RestorableServer {
  readonly clock = testClock()
  readonly #copies: Copies
  #server: Server
  readonly #port: number

  private constructor(copies: Copies, server: Server) {
    this.#copies = copies
    this.#server = server
    this.#port = Number(new URL(server.url).port)
  }

  static async start(engine: Engine): Promise<RestorableServer> {
    const copies = engine === 'sqlite' ? sqliteCopies() : await postgresCopies()
    const server = await composeServer({ database: copies.location, beforeListening: seedShop })
    const one = new RestorableServer(copies, server)
    await one.again(async () => undefined)
    onTestFinished(async () => {
      await one.#server.close()
      await copies.drop()
    })
    return one
  }

  get now(): TestServer {
    return { ...this.#server, clock: this.clock, location: this.#copies.location }
  }

  backUp = (): Promise<void> => this.again(this.#copies.save)
  restore = (): Promise<void> => this.again(this.#copies.putBack)

  async again(meanwhile: () => Promise<void>): Promise<void> {
    await this.#server.close()
    await meanwhile()
    const { location: database } = this.#copies
    this.#server = await composeServer({ database, port: this.#port, clock: this.clock })
    // Connections of before break when they are next used, and not again.
    while (!(await fetch(`${this.#server.url}/health`).catch(() => null))?.ok);
  }
}

function sqliteCopies(): Copies {
  const dir = tempDir()
  const location = join(dir, 'server.db')
  const saved = join(dir, 'backup.db')
  return {
    location,
    save: async () => copyFileSync(location, saved),
    putBack: async () => {
      for (const end of ['-wal', '-shm']) rmSync(location + end, { force: true })
      copyFileSync(saved, location)
    },
    drop: async () => undefined,
  }
}

async function postgresCopies(): Promise<Copies> {
  const { url, drop } = await migratedTestDatabase('server')
  const name = new URL(url).pathname.slice(1)
  const saved = `saved_${randomUUID().replaceAll('-', '')}`
  const server = databaseAt(url, 'postgres')
  const copy = async (from: string, to: string) => {
    await query(server, `DROP DATABASE IF EXISTS ${to} WITH (FORCE)`)
    await query(server, `CREATE DATABASE ${to} TEMPLATE ${from} STRATEGY file_copy`)
  }
  return {
    location: url,
    save: () => copy(name, saved),
    putBack: () => copy(saved, name),
    drop: async () => {
      await drop()
      await query(server, `DROP DATABASE IF EXISTS ${saved} WITH (FORCE)`)
    },
  }
}

/** Whether it is waiting to be told what it has forgotten. */
export const restoring = (server: RestorableServer) => isRestoring(server.now.database.db)
/** How often it has found out. */
export const times = async (server: RestorableServer) =>
  (await server.now.database.db.selectFrom('event').select('id').where('kind', '=', 'server.restored').execute()).length
