import { describe, expect, it } from 'vitest'
import { holder, lotId, memberId, otherHolder, part, uuid, VALUE } from '#test/support/programme.ts'
import { GrantId } from '#core/ids.ts'
import { drawerOf, freeOf, heldBy } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { acceptGrant, returnRights } from './rights.ts'

const parts = [part(1, POINTS, 30), part(2, VALUE, 400)]

describe('acceptGrant', () => {
  it('brings the grant’s lots and amounts into this counter’s keeping', () => {
    const grant = GrantId.parse(uuid(7))
    expect(acceptGrant(holder, { grant, member: memberId(1), parts })).toEqual({
      kind: 'rights.acquired',
      body: { grant, member: memberId(1), carried: parts.map(({ lot }) => lot) },
      lots: [],
      transfers: [
        { asset: POINTS, from: freeOf(lotId(1)), to: heldBy(lotId(1), holder), amount: 30 },
        { asset: VALUE, from: freeOf(lotId(2)), to: heldBy(lotId(2), holder), amount: 400 },
      ],
    })
  })
})

describe('returnRights', () => {
  it('hands what is held back to the lots it is of', () => {
    const held = [
      { account: heldBy(lotId(1), holder), asset: POINTS, amount: 30 },
      { account: heldBy(lotId(2), otherHolder), asset: VALUE, amount: 0 },
      { account: drawerOf(holder.terminal), asset: VALUE, amount: 9 },
      { account: freeOf(lotId(3)), asset: POINTS, amount: 9 },
    ]
    expect(returnRights(held, ['recall'])).toEqual({
      kind: 'rights.returned',
      body: { recalls: ['recall'] },
      lots: [],
      transfers: [{ asset: POINTS, from: heldBy(lotId(1), holder), to: freeOf(lotId(1)), amount: 30 }],
    })
  })

  it('says nothing when there is nothing to hand back', () => {
    expect(returnRights([], [])).toBeNull()
    expect(returnRights([{ account: heldBy(lotId(1), holder), asset: POINTS, amount: 0 }], [])).toBeNull()
  })
})
