/** Whose checkouts are open at this counter. */
import type { MemberId } from '#core/ids.ts'

export function createInUse() {
  const open = new Map<MemberId, number>()
  return {
    has: (member: MemberId): boolean => open.has(member),
    /** Until what this gives is called. */
    hold(member: MemberId): () => void {
      open.set(member, (open.get(member) ?? 0) + 1)
      return () => {
        const left = (open.get(member) ?? 1) - 1
        if (left > 0) open.set(member, left)
        else open.delete(member)
      }
    },
  }
}
