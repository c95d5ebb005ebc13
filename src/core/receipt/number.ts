/** A receipt's number as people read it: the life of its counter's disk, and its place in it. */
import type { ReceiptRef } from '#core/ledger/event-body.ts'
import { epochOfReceipt } from '#core/scan/code.ts'

export const printedNumber = ({ code, number }: ReceiptRef): string =>
  `${epochOfReceipt(code)}-${String(number).padStart(5, '0')}`
