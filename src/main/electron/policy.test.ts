/** What the desktop application's page may and may not do. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useDesktop } from '#test/support/desktop.ts'

const desktop = useDesktop()

describe('permissions', () => {
  const scanner = { deviceId: 's', collections: [{ usagePage: 0x8c }] }
  const keyboard = { deviceId: 'k', collections: [{ usagePage: 0x01 }] }

  async function started() {
    const { webContents } = await desktop.start()
    const { permissionCheck, permissionRequest, devicePermission } = desktop.electron.session.defaultSession
    return {
      check: permissionCheck as (...parameters: unknown[]) => boolean,
      device: devicePermission as (details: unknown) => boolean,
      request(permission: string, details: object): boolean {
        let granted: boolean | undefined
        const ask = permissionRequest as (...parameters: unknown[]) => void
        ask(webContents, permission, (answer: boolean) => (granted = answer), {
          requestingUrl: 'app://counter/',
          ...details,
        })
        if (granted === undefined) throw new Error('The request was not answered.')
        return granted
      },
    }
  }

  it('are the camera and barcode scanners', async () => {
    const { check, request } = await started()
    expect(check(null, 'media', 'app://counter/', { mediaType: 'video' })).toBe(true)
    expect(check(null, 'hid', 'app://counter/', {})).toBe(true)
    expect(request('media', { mediaTypes: ['video'] })).toBe(true)
    expect(request('hid', {})).toBe(true)
  })

  it('are not the microphone, nor anything else', async () => {
    const { check, request } = await started()
    expect(check(null, 'media', 'app://counter/', { mediaType: 'audio' })).toBe(false)
    expect(request('media', { mediaTypes: ['video', 'audio'] })).toBe(false)
    expect(request('media', { mediaTypes: [] })).toBe(false)
    for (const permission of [
      'notifications',
      'geolocation',
      'fullscreen',
      'clipboard-read',
      'usb',
      'serial',
      'unknown',
    ]) {
      expect([permission, check(null, permission, 'app://counter/', {}), request(permission, {})]).toEqual([
        permission,
        false,
        false,
      ])
    }
  })

  it('are for the counter’s page alone', async () => {
    const { check, request, device } = await started()
    expect(check(null, 'media', 'https://example.com/', { mediaType: 'video' })).toBe(false)
    expect(check(null, 'hid', 'app://counter.example.com/', {})).toBe(false)
    expect(request('media', { mediaTypes: ['video'], requestingUrl: 'https://example.com/' })).toBe(false)
    expect(device({ deviceType: 'hid', origin: 'https://example.com', device: scanner })).toBe(false)
  })

  it('open HID devices by the usage page of scanners only', async () => {
    const { device } = await started()
    expect(device({ deviceType: 'hid', origin: 'app://counter', device: scanner })).toBe(true)
    expect(device({ deviceType: 'hid', origin: 'app://counter', device: keyboard })).toBe(false)
    expect(device({ deviceType: 'usb', origin: 'app://counter', device: scanner })).toBe(false)
    const chosen = (...deviceList: object[]) => {
      let id: string | undefined | null = null
      const event = new desktop.electron.StubEvent()
      const details = { deviceList, frame: { url: 'app://counter/' } }
      desktop.electron.session.defaultSession.emit(
        'select-hid-device',
        event,
        details,
        (deviceId?: string) => (id = deviceId),
      )
      return [event.prevented, id]
    }
    expect(chosen(keyboard, scanner)).toEqual([true, 's'])
    expect(chosen(keyboard)).toEqual([true, undefined])
  })
})

describe('pages', () => {
  const page = join(import.meta.dirname, '..', '..', 'renderer')

  const get = (url: string) => desktop.electron.session.defaultSession.pages.get('app')!({ url } as Request)

  it('have a scheme with an origin of its own, claimed before the application is ready', async () => {
    await desktop.start()
    expect(desktop.electron.stub.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })

  it('come with a policy that lets nothing in from outside', async () => {
    await desktop.start()
    const answer = await get('app://counter/nothing-there.js')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/)
    for (const name of ['base-uri', 'form-action', 'frame-ancestors', 'object-src'])
      expect(policy).toContain(`${name} 'none'`)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('are files of the built folder and nothing outside it', async () => {
    await desktop.start()
    expect(existsSync(join(page, 'tsconfig.json'))).toBe(true)
    expect((await get('app://counter/tsconfig.json')).status).toBe(200)
    for (const url of [
      'app://counter/%2e%2e/main/tsconfig.json',
      'app://counter/..%2fmain%2ftsconfig.json',
      'app://counter/..%5cmain%5ctsconfig.json',
      'app://elsewhere/tsconfig.json',
      'app://counter/%00.json',
      'app://counter/%zz.json',
      'app://counter/tsconfig.tsbuildinfo',
    ]) {
      expect([url, (await get(url)).status]).toEqual([url, 404])
    }
  })

  it('ask nothing of the network', async () => {
    await desktop.start()
    const asked = (url: string): unknown => {
      let answer: unknown
      const ask = desktop.electron.session.defaultSession.beforeRequest as (
        details: object,
        callback: (given: unknown) => void,
      ) => void
      ask({ url }, (given) => (answer = given))
      return answer
    }
    expect(asked('app://counter/')).toEqual({ cancel: false })
    for (const url of ['https://example.com/', 'http://127.0.0.1:8080/', 'ws://example.com/', 'file:///etc/passwd']) {
      expect([url, asked(url)]).toEqual([url, { cancel: true }])
    }
  })
})
