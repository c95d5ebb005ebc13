/** What passes between the desktop application's two sides before the port does; all else goes through the port. */
export const portMessages = {
  /** Page to main: the page has loaded and waits. */
  ask: 'counterfoil:ask',
  /** Main to page: here is the port. */
  port: 'counterfoil:port',
} as const
