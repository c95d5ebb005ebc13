/** A database's schema as lines of text: what a migration must not change unnoticed. */
import { sql, type Kysely } from 'kysely'
import type { Dialect } from '#storage/open.ts'

type Line = { line: string }

/** Tables in alphabetical order, each with its columns in their own order, its constraints and its indexes; and views. */
export async function describeSchema<T>(db: Kysely<T>, dialect: Dialect): Promise<string> {
  const query = dialect === 'sqlite' ? SQLITE : POSTGRES
  const { rows } = await query.execute(db)
  return rows.map(({ line }) => `${line.replace(/\s*\n\s*/g, ' ')}\n`).join('')
}

/** SQLite keeps the words a table was made with, checks and all; its columns are read apart to be compared. */
const SQLITE = sql<Line>`
  with tables as (
    select s.name, s.sql, l.strict, l.wr from sqlite_schema s join pragma_table_list l on l.name = s.name
    where s.type = 'table' and s.name not like 'sqlite_%'
  )
  select line from (
    select name as t, 0 as part, 0 as n, 'table ' || name || iif(strict, ' strict', '') || iif(wr, ' rowless', '') as line from tables
    union all
    select tables.name, 1, c.cid, '  column ' || c.name || ' ' || c.type || iif(c."notnull", ' not null', '') || iif(c.pk, ' key ' || c.pk, '')
    from tables, pragma_table_info(tables.name) c
    union all
    select name, 2, 0, '  made by ' || sql from tables
    union all
    select tbl_name, 3, row_number() over (order by name), '  index ' || sql from sqlite_schema where type = 'index' and sql is not null
    union all
    select name, 4, 0, 'view ' || name || ' ' || sql from sqlite_schema where type = 'view'
  ) order by t, part, n`

const POSTGRES = sql<Line>`
  with tables as (
    select c.oid, c.relname as name from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  )
  select line from (
    select name as t, 0 as part, 0::bigint as n, 'table ' || name as line from tables
    union all
    select name, 1, a.attnum, '  column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when l.collname is null or l.collname = 'default' then '' else ' collate ' || l.collname end
      || case when a.attnotnull then ' not null' else '' end
    from tables join pg_attribute a on a.attrelid = tables.oid and a.attnum > 0 and not a.attisdropped
    left join pg_collation l on l.oid = a.attcollation
    union all
    select name, 2, row_number() over (order by k.conname), '  constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    from tables join pg_constraint k on k.conrelid = tables.oid where k.contype <> 'n'
    union all
    select name, 3, row_number() over (order by i.indexrelid::regclass::text), '  index ' || pg_get_indexdef(i.indexrelid)
    from tables join pg_index i on i.indrelid = tables.oid
    where not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
    union all
    select viewname, 4, 0, 'view ' || viewname || ' ' || definition from pg_views where schemaname = 'public'
  ) as lines order by t collate "C", part, n`
