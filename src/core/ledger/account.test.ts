import { describe, expect, it } from 'vitest'
import { holder, lotId, memberId, otherHolder, TWD, uuid } from '#test/support/programme.ts'
import { ClaimId, StoreId } from '#core/ids.ts'
import {
  Account,
  claimAccount,
  debtOf,
  drawerOf,
  expired,
  freeOf,
  heldBy,
  isBounded,
  issued,
  mayTake,
  outsideCash,
  ownedBy,
  parseAccount,
  redeemed,
  revoked,
  riskOf,
} from './account.ts'
import { POINTS } from './asset.ts'

const epochBefore = { ...holder, epoch: otherHolder.epoch }
const lot = lotId(1)

/** Every account there is; whether it is bounded; who may take from it: this counter, another, its own epoch before, the server. */
const accounts: [Account, string, boolean, [boolean, boolean, boolean, boolean]][] = [
  [freeOf(lot), 'free', true, [false, false, false, true]],
  [heldBy(lot, holder), 'held', true, [true, false, false, false]],
  [heldBy(lot, epochBefore), 'held', true, [false, false, true, false]],
  [claimAccount(ClaimId.parse(uuid(1))), 'claim', true, [false, false, false, true]],
  [redeemed(POINTS), 'sink', false, [false, false, false, true]],
  [expired(POINTS), 'sink', false, [false, false, false, true]],
  [revoked(POINTS), 'sink', false, [false, false, false, true]],
  [debtOf(memberId(1), POINTS), 'debt', false, [false, false, false, true]],
  [issued(POINTS), 'issued', false, [true, true, true, true]],
  [riskOf(StoreId.parse('s1'), POINTS), 'risk', false, [false, false, false, true]],
  [drawerOf(holder.terminal), 'drawer', false, [true, false, true, false]],
  [outsideCash(TWD), 'outside', false, [true, true, true, true]],
]

describe.each(accounts)('%s', (account, kind, bounded, takers) => {
  it('is read back from its name', () => {
    expect(Account.parse(account)).toBe(account)
    expect(parseAccount(account).kind).toBe(kind)
  })

  it('is bounded, or not', () => {
    expect(isBounded(account)).toBe(bounded)
  })

  it('is taken from by its owner alone', () => {
    const writers = [holder, otherHolder, epochBefore, 'server'] as const
    expect(writers.map((writer) => mayTake(writer, account))).toEqual(takers)
  })
})

describe('accounts', () => {
  it('name what they stand for', () => {
    expect(parseAccount(freeOf(lot))).toEqual({ kind: 'free', lot })
    expect(parseAccount(heldBy(lot, holder))).toEqual({ kind: 'held', lot, ...holder })
    expect(parseAccount(claimAccount(ClaimId.parse(uuid(1))))).toEqual({ kind: 'claim', claim: uuid(1) })
    expect(parseAccount(drawerOf(holder.terminal))).toEqual({ kind: 'drawer', terminal: holder.terminal })
  })

  it('are this counter’s own by terminal and epoch, the drawer by terminal', () => {
    expect(accounts.filter(([account]) => ownedBy(account, holder)).map(([account]) => account)).toEqual([
      heldBy(lot, holder),
      drawerOf(holder.terminal),
    ])
  })

  const nobodys = ['lot:a@', 'lot:a@x', 'lot:a@T00001', 'lot:a@T00001.', 'lot:a@T00001.E00001.x', 'lot:a@t00001.E00001']
  it.each(['', 'lot', 'lot:', 'bank:1', 'lot:a b', 'lot:a\n', ' lot:a', `lot:${'a'.repeat(160)}`, ...nobodys])(
    '%j is none',
    (text) => {
      expect(Account.safeParse(text).success).toBe(false)
    },
  )
})
