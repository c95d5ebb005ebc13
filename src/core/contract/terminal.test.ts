/** What a screen may ask of its terminal, and how it is taken. */
import { expect, it } from 'vitest'
import { uuid } from '#test/support/programme.ts'
import { CheckoutInput, EnrolInput } from './terminal.ts'

it('takes no half of a character from a field that cut one', () => {
  const enrol = { id: uuid(1), name: '王小明\ud83d', phone: '0912', birthday: null, email: '', address: '台北\ude00' }
  expect(EnrolInput.parse(enrol)).toMatchObject({ name: '王小明', address: '台北' })
  const line = { name: '拿鐵\ud83d', product: null, unitPrice: 80, quantity: 1, amount: 80 }
  const pay = { id: uuid(1), member: null, lines: [line], coupons: [], tenders: [], note: '少冰🧊\ud83e' }
  expect(CheckoutInput.parse(pay)).toMatchObject({ lines: [{ name: '拿鐵' }], note: '少冰🧊' })
})
