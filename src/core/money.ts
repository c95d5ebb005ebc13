/** Money as people read it. Amounts are integers in the currency's smallest unit. */

/** How a currency is written: `{ decimals: 0, symbol: 'NT$' }` for the New Taiwan dollar. */
export type MoneyStyle = { readonly decimals: number; readonly symbol: string }

/** 1250 → `1,250`; with two decimals 125000 → `1,250.00`. A negative amount takes a true minus sign. */
export function formatAmount(amount: number, decimals = 0): string {
  const digits = String(Math.abs(amount)).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`
  return `${amount < 0 ? '−' : ''}${whole}${fraction}`
}

/** 1250 → `NT$1,250`; −50 → `−NT$50`. */
export function formatMoney(amount: number, style: MoneyStyle): string {
  const unsigned = `${style.symbol}${formatAmount(Math.abs(amount), style.decimals)}`
  return amount < 0 ? `−${unsigned}` : unsigned
}
