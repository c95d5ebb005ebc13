/** An instant as the paper shows it, by the store's clock: `2025/11/22 14:05`. */
const formats = new Map<string, Intl.DateTimeFormat>()
let lastWritten = { zone: '', minute: 0, text: '' }

/** To the minute, of which there are many sales in a rush. */
export function localTime(at: number, zone: string): string {
  const minute = Math.floor(at / 60_000)
  if (lastWritten.minute !== minute || lastWritten.zone !== zone) {
    lastWritten = { zone, minute, text: writeTime(at, zone) }
  }
  return lastWritten.text
}

function writeTime(at: number, zone: string): string {
  let format = formats.get(zone)
  if (!format) {
    const options = { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' } as const
    format = new Intl.DateTimeFormat('sv-SE', options)
    formats.set(zone, format)
  }
  const [date, time] = format.format(at).split(' ')
  return `${date?.replaceAll('-', '/')} ${time}`
}
