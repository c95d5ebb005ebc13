import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeLine, startFakeLine } from '#test/support/fake-line.ts'
import { listenOnLoopback } from '#test/support/loopback.ts'
import { demoSignIn } from './demo-sign-in.ts'
import { lineIdTokens } from './id-token.ts'

describe('an ID token', () => {
  let line: FakeLine
  beforeEach(async () => {
    line = await startFakeLine()
  })
  afterEach(() => line.close())
  const tokens = (baseUrl = line.url) => lineIdTokens({ baseUrl, channelId: line.loginChannelId, timeoutMs: 200 })

  it('names the LINE user it was issued to', async () => {
    const user = line.addUser('王小明')
    expect(await tokens().verify(line.idToken(user))).toEqual({ lineUser: user, name: '王小明' })
  })

  it('is refused when it is made up, run out, or for another channel', async () => {
    const user = line.addUser('王小明')
    for (const token of [
      'nonsense',
      user,
      line.idToken(user, { expired: true }),
      line.idToken(user, { audience: '1' }),
    ]) {
      expect(await tokens().verify(token)).toEqual({ refused: 'invalidToken' })
    }
  })

  it('cannot be judged while LINE is out of reach, slow or in trouble', async () => {
    expect(await tokens('http://127.0.0.1:1').verify('x')).toEqual({ refused: 'lineUnreachable' })
    for (const answer of ['never', 503, 429] as const) {
      const broken = createServer((_request, response) => {
        if (answer !== 'never') response.writeHead(answer).end()
      })
      const port = await listenOnLoopback(broken)
      expect(await tokens(`http://127.0.0.1:${port}`).verify('x')).toEqual({ refused: 'lineUnreachable' })
      broken.closeAllConnections()
      broken.close()
    }
  })
})

describe('the demo sign-in', () => {
  it('is the same person under the same name, and never one of LINE’s', async () => {
    const [one, other] = [demoSignIn(), demoSignIn()]
    const first = await one.verify(one.tokenFor('王小明'))
    expect(first).toEqual(await other.verify(other.tokenFor('王小明')))
    expect(first).toMatchObject({ name: '王小明', lineUser: expect.stringMatching(/^demo:/) })
    expect(await one.verify(one.tokenFor('王小美'))).not.toEqual(first)
  })

  it('takes its own tokens only', async () => {
    const demo = demoSignIn()
    const token = demo.tokenFor('王小明')
    const another = demo.tokenFor('王小美').split(':')[1]
    for (const forged of [
      '',
      'demo',
      'demo:',
      `${token}x`.replace('demo', 'line'),
      `demo:${another}:${token.split(':')[2]}`,
      demoSignIn().tokenFor('王小明'),
    ]) {
      expect(await demo.verify(forged)).toEqual({ refused: 'invalidToken' })
    }
  })
})
