import { describe, expect, it } from 'vitest'
import { lineSettings, LineSettingsError } from './settings.ts'

describe('LINE’s settings', () => {
  it('are a dry run when nothing is set', () => {
    expect(lineSettings({ LINE_LIFF_ID: ' ' })).toEqual({
      baseUrl: 'https://api.line.me',
      messaging: null,
      login: null,
    })
  })

  it('take messaging and signing in each by itself', () => {
    const messaging = { LINE_CHANNEL_ACCESS_TOKEN: 'token', LINE_CHANNEL_SECRET: 'secret' }
    expect(lineSettings(messaging)).toMatchObject({
      messaging: { accessToken: 'token', channelSecret: 'secret' },
      login: null,
    })
    const login = { LINE_LOGIN_CHANNEL_ID: '165', LINE_LIFF_ID: '165-a', LINE_API_BASE: 'http://127.0.0.1:1' }
    expect(lineSettings(login)).toEqual({
      baseUrl: 'http://127.0.0.1:1',
      messaging: null,
      login: { channelId: '165', liffId: '165-a' },
    })
  })

  it.each([
    [{ LINE_CHANNEL_ACCESS_TOKEN: 'token' }, 'LINE_CHANNEL_SECRET'],
    [{ LINE_LIFF_ID: '165-a', LINE_LOGIN_CHANNEL_ID: '' }, 'LINE_LOGIN_CHANNEL_ID'],
  ])('name what is missing when half is set', (env, missing) => {
    expect(() => lineSettings(env)).toThrow(new LineSettingsError([missing]))
  })
})
