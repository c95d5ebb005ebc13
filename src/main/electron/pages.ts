/** Serves the built page under its own scheme, with its policy; a path outside the folder or an unknown host is 404. */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { type Session, protocol } from 'electron'
import { contentSecurityPolicy } from '#main/content-security-policy.ts'
import { isCounter } from './policy.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Before the application is ready: makes `app:` a scheme with origins, storage and fetch, as https has. */
export function claimScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves `folder` to the session's pages. */
export function servePages(session: Session, folder: string): void {
  session.protocol.handle('app', async (request) => {
    const path = isCounter(request.url) ? fileFor(request.url, folder) : null
    const type = path === null ? undefined : types[extname(path)]
    const body = path === null || type === undefined ? null : await readFile(path).catch(() => null)
    if (body === null || type === undefined)
      return new Response('Not found', { status: 404, headers: headers('text/plain') })
    return new Response(new Uint8Array(body), { headers: headers(type) })
  })
}

/** The page's own routes have no file: each is the page. */
function fileFor(url: string, folder: string): string | null {
  const path = decodedPath(url)
  if (path === null) return null
  const file = join(folder, normalize(extname(path) === '' ? '/index.html' : path))
  return file.startsWith(folder + sep) ? file : null
}

function decodedPath(url: string): string | null {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return null
  }
}

function headers(type: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  }
}
