/** What the shop has told us of its LINE channels. Without it, everything runs dry and says so. */

/** How long LINE may take to answer; its SDK would wait for ever. */
export const LINE_TIMEOUT_MS = 10_000

export type LineSettings = {
  /** Where LINE's API is; only tests and proxies change it. */
  baseUrl: string
  /** The Messaging API channel, or null: messages are then kept and shown, not sent. */
  messaging: { accessToken: string; channelSecret: string } | null
  /** The LINE Login channel and its LIFF app, or null: a demo sign-in then stands in for LINE's. */
  login: { channelId: string; liffId: string } | null
}

/** Half a set of credentials: the shop means to be on LINE and is not. `missing` names the variables. */
export class LineSettingsError extends Error {
  readonly code = 'lineSettings'
  readonly missing: readonly string[]

  constructor(missing: readonly string[]) {
    super(`LINE is only half set up; also set ${missing.join(' and ')}, or none of them for a dry run.`)
    this.missing = missing
  }
}

/** Reads LINE_CHANNEL_ACCESS_TOKEN, LINE_CHANNEL_SECRET, LINE_LOGIN_CHANNEL_ID, LINE_LIFF_ID and LINE_API_BASE. */
export function lineSettings(env: Record<string, string | undefined>): LineSettings {
  const messaging = together(env, 'LINE_CHANNEL_ACCESS_TOKEN', 'LINE_CHANNEL_SECRET')
  const login = together(env, 'LINE_LOGIN_CHANNEL_ID', 'LINE_LIFF_ID')
  return {
    baseUrl: env['LINE_API_BASE'] || 'https://api.line.me',
    messaging: messaging && { accessToken: messaging[0], channelSecret: messaging[1] },
    login: login && { channelId: login[0], liffId: login[1] },
  }
}

function together(env: Record<string, string | undefined>, ...names: [string, string]): [string, string] | null {
  const [first, second] = [env[names[0]]?.trim(), env[names[1]]?.trim()]
  if (first && second) return [first, second]
  if (!first && !second) return null
  throw new LineSettingsError(names.filter((name) => !env[name]?.trim()))
}
