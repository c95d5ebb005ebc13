import { describe, expect, it } from 'vitest'
import { ledgerOn, memberRow } from '#test/support/ledger-database.ts'
import { memberId } from '#test/support/programme.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { phoneTail } from '#core/phone.ts'
import { findMembers, memberByCard, memberById, upsertMembers } from './member.repository.ts'
import type { MemberTable } from './schema.ts'

const NAMES = [
  '王小明',
  '王大明',
  '陳小明',
  '歐陽娜娜',
  '林美惠',
  'Amy Chen',
  'Amelia Wang',
  '𠮷田太郎',
  "O'Brien 100%_",
]

const shop = (): MemberTable[] => NAMES.map((name, n) => memberRow(n + 1, { name }))

describe.each(ENGINES)('members on %s', (engine) => {
  const ledger = ledgerOn(engine)
  const found = async (query: string) => (await findMembers(ledger(), query)).map(({ name }) => name).toSorted()

  it('are read back as they were, by id and by card', async () => {
    const row = memberRow(1, {
      name: '王小明',
      birthday: '1990-02-28',
      email: 'ming@example.com',
      note: '不加糖 🍵',
      on_line: 1,
      spent: 12_345,
    })
    await upsertMembers(ledger(), [row, memberRow(2)])
    expect(await memberById(ledger(), memberId(1))).toEqual(row)
    expect(await memberByCard(ledger(), row.card)).toEqual(row)
    expect(await memberById(ledger(), memberId(3))).toBeUndefined()
    expect(await memberByCard(ledger(), row.card.toLowerCase())).toBeUndefined()
  })

  it.each([
    ['小明', ['王小明', '陳小明']],
    ['王小明', ['王小明']],
    ['王', ['王大明', '王小明']],
    ['明', []],
    ['娜娜', ['歐陽娜娜']],
    ['陽娜', ['歐陽娜娜']],
    ['歐娜', []],
    ['𠮷田', ['𠮷田太郎']],
    ['𠮷', ['𠮷田太郎']],
    ['amy', ['Amy Chen']],
    ['AM', ['Amelia Wang', 'Amy Chen']],
    ['ａｍｙ　ＣＨ', ['Amy Chen']],
    ['chen', ['Amy Chen']],
    ['y c', ['Amy Chen']],
    ['a', ['Amelia Wang', 'Amy Chen']],
    ['100%', ["O'Brien 100%_"]],
    ["o'b", ["O'Brien 100%_"]],
    ['%', []],
    ['張三', []],
    ['', []],
    ['   ', []],
  ])('are found by name: %j', async (query, names) => {
    await upsertMembers(ledger(), shop())
    expect(await found(query)).toEqual(names.toSorted())
  })

  it.each([
    ['0912345678', ['手機']],
    ['0912-345-678', ['手機']],
    ['0912 345 678', ['手機']],
    ['5678', ['手機', '市話']],
    ['45678', ['手機']],
    ['678', ['手機', '市話']],
    ['912345678', ['手機']],
    ['0912', ['手機']],
    ['0223-33', ['市話']],
    ['9123', []],
    ['78', []],
  ])('are found by phone, its tail or its beginning: %j', async (query, names) => {
    await upsertMembers(ledger(), [
      memberRow(1, { name: '手機', phone: '0912345678' }),
      memberRow(2, { name: '市話', phone: '0223335678' }),
      memberRow(3, { name: '別人', phone: '0900000001' }),
      memberRow(4, { name: '無號', phone: '' }),
    ])
    expect(await found(query)).toEqual(names.toSorted())
  })

  it('are listed twenty at most, the very name first', async () => {
    await upsertMembers(
      ledger(),
      Array.from({ length: 60 }, (_, n) => memberRow(n, { name: n === 47 ? '陳美' : `陳美${n}` })),
    )
    const rows = await findMembers(ledger(), '陳美')
    expect(rows).toHaveLength(20)
    expect(rows[0]?.name).toBe('陳美')
  })

  it('are found by a new name once renamed, and no more by the old', async () => {
    await upsertMembers(ledger(), [memberRow(1, { name: '王小明', seq: 1 })])
    await upsertMembers(ledger(), [
      memberRow(1, { name: '李大華', phone: '0911222333', phone_tail: phoneTail('0911222333'), seq: 2 }),
    ])
    expect(await found('小明')).toEqual([])
    expect(await found('王')).toEqual([])
    expect(await found('大華')).toEqual(['李大華'])
    expect(await found('333')).toEqual(['李大華'])
  })

  it('keep the newer state, and stay found by it, when an older one comes late', async () => {
    const newer = memberRow(1, { name: '李大華', seq: 7 })
    await upsertMembers(ledger(), [newer])
    await upsertMembers(ledger(), [memberRow(1, { name: '王小明', seq: 6 }), memberRow(2, { name: '王小明', seq: 6 })])
    expect(await memberById(ledger(), memberId(1))).toEqual(newer)
    expect(await found('大華')).toEqual(['李大華'])
    expect(await found('小明')).toEqual(['王小明'])
    await upsertMembers(ledger(), [{ ...newer, name: '李小華' }])
    expect(await found('小華')).toEqual(['李小華'])
  })

  it('come in thousands', async () => {
    await upsertMembers(
      ledger(),
      Array.from({ length: 4_000 }, (_, n) => memberRow(n, { name: `會員${n}號` })),
    )
    expect(await found('003999')).toEqual(['會員3999號'])
    expect(await found('員3999')).toEqual(['會員3999號'])
  })
})
