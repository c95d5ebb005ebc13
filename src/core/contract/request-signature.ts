/**
 * How a terminal signs a request to the server: Ed25519 over four lines: method, path with query, time (Unix ms), and the
 * SHA-256 of the body in hex. The server allows for five minutes of clock difference and says its own time when refusing.
 */
export const SIGNATURE_HEADERS = {
  terminal: 'x-counterfoil-terminal',
  time: 'x-counterfoil-time',
  signature: 'x-counterfoil-signature',
} as const

export const CLOCK_TOLERANCE_MS = 5 * 60_000

export function signedText(request: { method: string; path: string; time: number; bodySha256: string }): string {
  return [request.method.toUpperCase(), request.path, String(request.time), request.bodySha256].join('\n')
}

/**
 * The answer's own header: SHA-256 of its body, in hexadecimal. A line that turns one digit into another makes no fault that
 * parsing would find; a counter takes no answer whose digest does not hold.
 */
export const ANSWER_DIGEST = 'x-counterfoil-answer-sha256'
