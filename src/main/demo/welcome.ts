/** What is running, in plain words. */
import type { Child, Host } from './processes.ts'

export function welcome(server: Host, counters: readonly Child[]): void {
  const lines = [
    '',
    'Counterfoil is running.',
    '',
    ...counters.map(
      (counter) => `  ${counter.name.padEnd(12)} ${counter.url ?? 'in its own window'}   (data: ${counter.dataDir})`,
    ),
    `  ${server.name.padEnd(12)} ${server.url}   (data: ${server.dataDir})`,
    '',
    ...(server.notes['outbox']
      ? [
          'LINE is in dry run: no message leaves this machine. What would be sent is shown on',
          `  ${server.notes['outbox']}`,
          'Set LINE_CHANNEL_ACCESS_TOKEN and LINE_CHANNEL_SECRET to send for real (see README).',
          '',
        ]
      : []),
    'Sign in as 陳小姐, 阿美 or 小俊; their PINs are in the README. Ctrl-C stops everything; all data is kept.',
    '`npm run demo:reset` starts over.',
    '',
  ]
  console.log(lines.join('\n'))
}
