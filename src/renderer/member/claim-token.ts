/**
 * The claim in the page's address: `/c/<token>` as printed, `?liff.state=/c/<token>` when LINE opened the page, or
 * `?c=<token>`. Null when there is none; whether it is a good one is the server's to say.
 */
export function claimTokenIn(address: string): string | null {
  const url = new URL(address)
  const handedOn = url.searchParams.get('liff.state')
  if (handedOn) return claimTokenIn(new URL(handedOn, url.origin).href)
  return /^\/c\/([\w-]+)\/?$/.exec(url.pathname)?.[1] ?? url.searchParams.get('c')
}
