/** The office page's words, in both languages. */
import type { Language } from '#core/contract/views.ts'

export type OutboxWords = {
  title: string
  other: string
  dry: string
  live: string
  empty: string
  emptyHow: string
  to: string
  state: { pending: string; sent: string; dry: string; dead: string }
  kind: Record<string, string>
  attempts: (count: number) => string
  nextTry: (time: string) => string
  reason: Record<string, string>
  /** For a reason that has no words of its own. */
  because: (reason: string) => string
  latest: (count: number) => string
  needsKey: string
}

const chinese: OutboxWords = {
  title: 'LINE 訊息匣',
  other: 'English',
  dry: '模擬執行：尚未設定 LINE 官方帳號。訊息只顯示在這裡，不會送出。',
  live: '已連接 LINE 官方帳號，訊息會送到會員的手機。',
  empty: '還沒有訊息',
  emptyHow: '會員綁定 LINE 後，消費集點、儲值與扣款的通知會出現在這裡。',
  to: '收件人',
  state: { pending: '等待送出', sent: 'LINE 已收下', dry: '模擬，未送出', dead: '停止傳送' },
  kind: { pointsEarned: '消費集點', toppedUp: '儲值加值', debited: '儲值扣款', claimHonoured: '收據領點' },
  attempts: (count) => `已試 ${count} 次`,
  nextTry: (time) => `${time} 再試`,
  reason: {
    quota: '本月訊息額度已用完',
    rate: '傳送太頻繁，稍候再送',
    timeout: 'LINE 沒有回應',
    network: '連不上 LINE',
    blocked: '會員已封鎖官方帳號',
    expired: '超過 24 小時，為避免重複不再送',
    stale: '超過 24 小時，內容已過時，不再送',
    'unreadable message': '訊息內容無法讀取',
    'unreadable answer': '看不懂 LINE 的回應',
  },
  because: (reason) => `原因：${reason}`,
  latest: (count) => `最近 ${count} 則`,
  needsKey: '請使用伺服器啟動時顯示的連結開啟這一頁。',
}

const english: OutboxWords = {
  title: 'LINE outbox',
  other: '中文',
  dry: 'Dry run: no LINE account is set up. Messages are shown here and not sent.',
  live: 'Connected to the shop’s LINE account; messages go to members’ phones.',
  empty: 'No messages yet',
  emptyHow: 'Once a member is on LINE, notices of points, top-ups and debits appear here.',
  to: 'To',
  state: { pending: 'Waiting', sent: 'Taken by LINE', dry: 'Dry run, not sent', dead: 'Given up' },
  kind: { pointsEarned: 'Points earned', toppedUp: 'Top-up', debited: 'Debit', claimHonoured: 'Receipt claimed' },
  attempts: (count) => (count === 1 ? 'Tried once' : `Tried ${count} times`),
  nextTry: (time) => `next at ${time}`,
  reason: {
    quota: 'This month’s message quota is used up',
    rate: 'Too many at once; waiting a little',
    timeout: 'LINE did not answer',
    network: 'LINE is out of reach',
    blocked: 'The member has blocked the account',
    expired: 'Over 24 hours old; not sent again, lest it arrive twice',
    stale: 'Over 24 hours old, and no longer news; not sent',
    'unreadable message': 'The message could not be read',
    'unreadable answer': 'LINE’s answer made no sense',
  },
  because: (reason) => `Reason: ${reason}`,
  latest: (count) => `Latest ${count}`,
  needsKey: 'Open this page by the link the server prints when it starts.',
}

export const outboxWords = (language: Language): OutboxWords => (language === 'en' ? english : chinese)

/** The language asked for in the link, else the browser's first: Chinese where it is any Chinese, English otherwise. */
export function languageOf(asked: unknown, acceptLanguage: string | undefined): Language {
  if (asked === 'en' || asked === 'zh-TW') return asked
  return (acceptLanguage ?? 'zh').trim().toLowerCase().startsWith('zh') ? 'zh-TW' : 'en'
}
