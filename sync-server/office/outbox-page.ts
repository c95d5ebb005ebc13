/**
 * The outbox on a page: what members are told, as they see it, and what became of each message. In a dry run it is the
 * only place messages go. Opened by a link with the office's key in it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Language } from '#core/contract/views.ts'
import type { OutboxTable } from '#storage/server-tables.ts'
import { parseJson } from '#server/json.ts'
import type { Db } from '#server/ledger/database.ts'
import { LineMessages } from '#server/line/message.ts'
import { flexColours, flexHtml } from './flex-html.ts'
import { Html, html } from './html.ts'
import { outboxScript, outboxStyle } from './outbox-style.ts'
import { languageOf, outboxWords, type OutboxWords } from './words.ts'

const KEY = 'office.key'
const SHOWN = 100

/** The key in the office's links: made once for a database, and the same ever after. */
export async function officeKey(db: Db): Promise<string> {
  const value = randomBytes(18).toString('base64url')
  await db
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirstOrThrow()).value
}

export const outboxPath = (key: string): string => `/office/outbox?key=${encodeURIComponent(key)}`

/** Mounts GET /office/outbox. `dry`: no LINE account is set up. */
export function outboxRoute(app: FastifyInstance, { db, dry }: { db: Db; dry: boolean }): void {
  app.get<{ Querystring: { key?: unknown; lang?: unknown } }>('/office/outbox', async (request, reply) => {
    const language = languageOf(request.query.lang, request.headers['accept-language'])
    const nonce = randomBytes(16).toString('base64')
    reply.headers(pageHeaders(nonce)).type('text/html; charset=utf-8')
    const key = await officeKey(db)
    if (!sameText(request.query.key, key)) {
      const words = outboxWords(language)
      return reply.code(403).send(document(language, nonce, '', html`<div class="empty">${words.needsKey}</div>`).text)
    }
    return reply.send((await outboxPage(db, { dry, language, nonce, key })).text)
  })
}

function sameText(given: unknown, right: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function pageHeaders(nonce: string): Record<string, string> {
  return {
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}

type Row = OutboxTable & { name: string | null }
type Look = { dry: boolean; language: Language; nonce: string; key: string }

async function outboxPage(db: Db, { dry, language, nonce, key }: Look): Promise<Html> {
  const words = outboxWords(language)
  const store = await db.selectFrom('store').select(['shop', 'zone']).orderBy('id').executeTakeFirst()
  const counts = await db
    .selectFrom('outbox')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const rows: Row[] = await db
    .selectFrom('outbox')
    .leftJoin('member', 'member.id', 'outbox.member')
    .selectAll('outbox')
    .select('member.name')
    .orderBy('outbox.id', 'desc')
    .limit(SHOWN)
    .execute()
  const shown = rows.map((row) => ({ row, messages: messagesOf(row) }))
  const when = clockIn(store?.zone ?? 'Asia/Taipei', language)
  const other = language === 'en' ? 'zh-TW' : 'en'
  const body = html` <header>
      <h1>${words.title}<small>${store?.shop ?? ''}</small></h1>
      <a lang="${other}" href="${outboxPath(key)}&lang=${other}">${words.other}</a>
    </header>
    <p class="banner ${dry ? 'dry' : 'live'}">${dry ? words.dry : words.live}</p>
    <main>
      ${rows.length > 0 && countsHtml(counts, words)}
      ${rows.length === 0 && html`<div class="empty"><strong>${words.empty}</strong>${words.emptyHow}</div>`}
      ${shown.map(({ row, messages }) => article(row, messages, words, when, store?.shop ?? ''))}
    </main>`
  return document(language, nonce, flexColours(shown.flatMap(({ messages }) => messages)), body)
}

function document(language: Language, nonce: string, colours: string, body: Html): Html {
  // Both are our own text, and the colours are held to hex digits: nothing here needs escaping.
  const style = (id: string, css: string) =>
    html`<style id="${id}" nonce="${nonce}">
      ${new Html(css)}
    </style>`
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${outboxWords(language).title}</title>
        ${style('looks', outboxStyle)} ${style('colours', colours)}
      </head>
      <body>
        <div class="page">${body}</div>
        <script nonce="${nonce}">
          ${new Html(outboxScript)}
        </script>
      </body>
    </html>`
}

function countsHtml(counts: readonly { state: string; count: number }[], words: OutboxWords): Html {
  const states = ['pending', 'sent', 'dry', 'dead'] as const
  const found = states.flatMap((state) =>
    counts.filter((one) => one.state === state).map(({ count }) => ({ state, count })),
  )
  return html`<ul class="counts">
    ${found.map(({ state, count }) => html`<li><b>${Number(count)}</b><span>${words.state[state]}</span></li>`)}
  </ul>`
}

const messagesOf = ({ messages }: OutboxTable): LineMessages => LineMessages.safeParse(parseJson(messages)).data ?? []

type When = { moment: (at: number) => string; time: (at: number) => string }

function article(row: Row, messages: LineMessages, words: OutboxWords, when: When, shop: string): Html {
  return html` <article>
    <span class="avatar" aria-hidden="true">${[...shop][0] ?? '?'}</span>
    <div class="head">
      <strong>${words.to} ${row.name ?? '–'}</strong>
      <time datetime="${new Date(row.created_at).toISOString()}">${when.moment(row.created_at)}</time>
    </div>
    <div class="messages">${messages.map(flexHtml)}</div>
    <p class="meta">
      <span class="chip ${row.state}">${stateWord(row.state, words)}</span>
      <span>${words.kind[row.kind] ?? row.kind}</span>
      ${row.attempts > 0 && html`<span>${words.attempts(row.attempts)}</span>`}
      ${row.state === 'pending' && row.attempts > 0 && html`<span>${words.nextTry(when.time(row.next_at))}</span>`}
      ${row.error !== null && html`<span>${reasonWord(row.error, words)}</span>`}
    </p>
  </article>`
}

function stateWord(state: string, { state: words }: OutboxWords): string {
  return state === 'pending' || state === 'sent' || state === 'dry' || state === 'dead' ? words[state] : state
}

/** `expired: timeout` is told by its first word, and the rest kept for whoever looks closer. */
function reasonWord(error: string, words: OutboxWords): string {
  const [code = '', ...rest] = error.split(': ')
  const known = words.reason[code]
  if (!known) return words.because(error)
  const detail = rest.join(': ')
  return detail ? `${known} (${words.reason[detail] ?? detail})` : known
}

function clockIn(zone: string, language: Language): When {
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: zone } as const
  const day = { month: 'numeric', day: 'numeric' } as const
  const moment = new Intl.DateTimeFormat(language, { ...day, ...time })
  const short = new Intl.DateTimeFormat(language, time)
  const plain = (text: string) => text.replace(/[\u2009\u202F]/g, ' ')
  return { moment: (at) => plain(moment.format(at)), time: (at) => plain(short.format(at)) }
}
