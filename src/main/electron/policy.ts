/** What a page may do in the desktop application: be the counter's own page, see a camera, open a scanner. No more. */
import type { App, HIDDevice, Session, WebContents } from 'electron'

/** The counter's page. It has an origin of its own, so that nothing from the web shares it. */
export const counterOrigin = 'app://counter'

/** USB HID's usage page of barcode scanners (HID Point of Sale Usage Tables). */
const BARCODE_SCANNER_PAGE = 0x8c

/** Pages go nowhere, open nothing and hold no web views, whichever window they are in. */
export function keepPagesHome(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** Grants the counter's page the camera and barcode scanners; refuses everything else to everyone. */
export function limitPermissions(session: Session): void {
  session.setPermissionCheckHandler((_contents, permission, origin, details) => {
    if (!isCounter(origin)) return false
    if (permission === 'media') return details.mediaType === 'video'
    return permission === 'hid'
  })
  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    const kinds = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    const cameraOnly = permission === 'media' && kinds.length > 0 && kinds.every((kind) => kind === 'video')
    answer(isCounterPage(contents) && isCounter(details.requestingUrl) && (cameraOnly || permission === 'hid'))
  })
  session.setDevicePermissionHandler(
    ({ deviceType, origin, device }) =>
      deviceType === 'hid' && isCounter(origin) && 'collections' in device && isScanner(device),
  )
  session.on('select-hid-device', (event, { deviceList, frame }, choose) => {
    event.preventDefault()
    const scanner = frame !== null && isCounter(frame.url) ? deviceList.find(isScanner) : undefined
    choose(scanner?.deviceId)
  })
}

/** The page is served from the application: whatever asks the network for anything is refused before it leaves. */
export function refuseNetwork(session: Session): void {
  session.webRequest.onBeforeRequest((request, answer) => {
    const local = ['app:', 'blob:', 'data:', 'devtools:'].some((scheme) => request.url.startsWith(scheme))
    answer({ cancel: !local })
  })
}

function isCounterPage(contents: WebContents): boolean {
  return isCounter(contents.getURL())
}

/** True of the counter's origin and every URL under it. */
export function isCounter(url: string): boolean {
  return url === counterOrigin || url.startsWith(`${counterOrigin}/`)
}

function isScanner(device: HIDDevice): boolean {
  return device.collections.some((collection) => collection.usagePage === BARCODE_SCANNER_PAGE)
}
