/** Finding a member among all: by the card's barcode (with the whole panel), by phone and its tail, and by name. */
import { formatMemberCard } from '#core/scan/code.ts'
import { find } from '#main/counter/members.ts'
import { scan } from '#main/counter/scan.ts'
import { nobody, openCounter } from './support/counter.ts'
import { percentile, timed } from './support/figures.ts'
import { copyOf, type Ground } from './support/ground.ts'
import { cardOf, memberAt } from './support/members.ts'
import { random, type Random } from './support/random.ts'

const WARM_UP = 100

export type Lookup = { lookups: number; barcodeP99Ms: number; phoneP99Ms: number; nameP99Ms: number }

export async function measureLookup(ground: Ground, lookups: number): Promise<Lookup> {
  const { counter, storage } = await openCounter(copyOf(ground, 'counter', 'lookup'), nobody)
  const draw = random(2)
  const someone = () => draw.int(ground.members)
  const found = async (query: string) => {
    if ((await find(counter, query)).length === 0) throw new Error(`nobody was found for ${query}`)
  }
  const scanned = async (code: string) => {
    if ((await scan(counter, code)).kind !== 'member') throw new Error(`no member has the card ${code}`)
  }
  const barcode = await p99(lookups, () => formatMemberCard(cardOf(someone())), scanned)
  const phone = await p99(lookups, () => draw.pick(phoneQueries(memberAt(someone()).phone)), found)
  const name = await p99(lookups, () => draw.pick(nameQueries(memberAt(someone()).name, draw)), found)
  await storage.close()
  return { lookups, barcodeP99Ms: barcode, phoneP99Ms: phone, nameP99Ms: name }
}

async function p99(times: number, ask: () => string, lookUp: (query: string) => Promise<void>): Promise<number> {
  const figures: number[] = []
  for (let done = -WARM_UP; done < times; done += 1) {
    const query = ask()
    const ms = await timed(() => lookUp(query))
    if (done >= 0) figures.push(ms)
  }
  return percentile(figures, 0.99)
}

/** The whole number, or as much of its tail as people say. */
const phoneQueries = (phone: string): string[] => [phone, phone.slice(-3), phone.slice(-4), phone.slice(-6)]

/** What a cashier types: the full name, the family name, its first two characters, the given name; Latin in part or whole. */
function nameQueries(name: string, draw: Random): string[] {
  const [first = '', ...rest] = [...name]
  if (/^[A-Z]/.test(name)) return [name, name.toLowerCase(), name.split(' ')[draw.int(2)] ?? name]
  const given = rest.slice(-2).join('')
  return [name, first, first + (rest[0] ?? ''), [...given].length < 2 ? name : given]
}
