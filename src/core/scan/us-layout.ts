/**
 * The characters of the US keyboard layout by `KeyboardEvent.code`, the physical key: what a scanner that poses as a keyboard
 * means, whatever an input method or Caps Lock makes of it. (UI Events KeyboardEvent code values, W3C.)
 */
const SYMBOLS: Readonly<Record<string, string>> = {
  Backquote: '`~',
  Minus: '-_',
  Equal: '=+',
  BracketLeft: '[{',
  BracketRight: ']}',
  Backslash: '\\|',
  Semicolon: ';:',
  Quote: '\'"',
  Comma: ',<',
  Period: '.>',
  Slash: '/?',
  Space: '  ',
  NumpadAdd: '++',
  NumpadSubtract: '--',
  NumpadMultiply: '**',
  NumpadDivide: '//',
  NumpadDecimal: '..',
  NumpadComma: ',,',
  NumpadEqual: '==',
}

/** The printable ASCII character that the key means, or null for a key that has none. */
export function characterOfKey(code: string, shift: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shift ? letter : letter.toLowerCase()
  const digit = /^Digit(\d)$/.exec(code)?.[1]
  if (digit !== undefined) return shift ? ')!@#$%^&*('.charAt(Number(digit)) : digit
  const numpad = /^Numpad(\d)$/.exec(code)?.[1]
  if (numpad !== undefined) return numpad
  return SYMBOLS[code]?.charAt(shift ? 1 : 0) ?? null
}
