import { expect, it } from 'vitest'
import { claimTokenIn } from './claim-token.ts'

const site = 'https://points.example'

it.each([
  [`${site}/c/1AbC-_9`, '1AbC-_9'],
  [`${site}/c/1AbC-_9/`, '1AbC-_9'],
  [`${site}/c/1AbC-_9?utm=1#top`, '1AbC-_9'],
  [`${site}/?c=1AbC-_9`, '1AbC-_9'],
  [`${site}/?liff.state=${encodeURIComponent('/c/1AbC-_9')}`, '1AbC-_9'],
  [`${site}/?liff.state=${encodeURIComponent('/?c=1AbC-_9')}&liff.referrer=x`, '1AbC-_9'],
  [`${site}/c/1AbC-_9?code=1&state=2&liffClientId=3`, '1AbC-_9'],
  [`${site}/`, null],
  [`${site}/c/`, null],
  [`${site}/c/a/b`, null],
])('finds the claim in %s', (address, token) => {
  expect(claimTokenIn(address)).toBe(token)
})
