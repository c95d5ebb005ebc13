/** What a field looked like, so that a scan which landed in it can be undone as if it had not. */

export type FieldSnapshot = {
  /** Puts value and selection back and tells React. An open composition ends with it. */
  restore: () => void
  /** Whether an event happened to this field. */
  owns: (target: EventTarget | null) => boolean
}

const NOT_TEXT = new Set([
  'button',
  'checkbox',
  'color',
  'file',
  'hidden',
  'image',
  'radio',
  'range',
  'reset',
  'submit',
])

/** The field that keys typed now go into, or null when they go into none. */
export function snapshotField(target: EventTarget | null): FieldSnapshot | null {
  if (target instanceof HTMLInputElement) return NOT_TEXT.has(target.type) ? null : snapshotText(target)
  if (target instanceof HTMLTextAreaElement) return snapshotText(target)
  if (target instanceof HTMLSelectElement) return snapshotSelect(target)
  if (target instanceof HTMLElement && target.isContentEditable) return snapshotEditable(target)
  return null
}

function snapshotText(field: HTMLInputElement | HTMLTextAreaElement): FieldSnapshot {
  const { value, selectionStart, selectionEnd, selectionDirection } = field
  return {
    owns: (target) => target === field,
    restore() {
      if (field.value !== value) setValue(field, value)
      // Fields for numbers, dates and e-mail addresses tell no selection and take none.
      if (selectionStart !== null) field.setSelectionRange(selectionStart, selectionEnd, selectionDirection ?? 'none')
    },
  }
}

function snapshotSelect(field: HTMLSelectElement): FieldSnapshot {
  const { value } = field
  return {
    owns: (target) => target === field,
    restore() {
      if (field.value !== value) setValue(field, value)
    },
  }
}

function snapshotEditable(element: HTMLElement): FieldSnapshot {
  const host = element.closest<HTMLElement>('[contenteditable]:not([contenteditable="false"])') ?? element
  const { innerHTML } = host
  const caret = caretWithin(host)
  return {
    owns: (target) => target instanceof Node && host.contains(target),
    restore() {
      if (host.innerHTML !== innerHTML) {
        host.innerHTML = innerHTML
        host.dispatchEvent(new Event('input', { bubbles: true }))
      }
      if (caret !== null) placeCaret(host, caret)
    },
  }
}

/** React overrides `value` on the element to notice its own writes; the prototype's setter goes past that, as typing does. */
function setValue(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, value: string): void {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  if (field instanceof HTMLSelectElement) field.dispatchEvent(new Event('change', { bubbles: true }))
}

/** Characters from the start of `host` to the caret. */
function caretWithin(host: HTMLElement): number | null {
  const selection = host.ownerDocument.getSelection()
  if (selection === null || selection.rangeCount === 0) return null
  const range = selection.getRangeAt(0).cloneRange()
  range.setStart(host, 0)
  return range.toString().length
}

function placeCaret(host: HTMLElement, caret: number): void {
  const texts = host.ownerDocument.createTreeWalker(host, NodeFilter.SHOW_TEXT)
  let rest = caret
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const length = node.nodeValue?.length ?? 0
    if (rest <= length) {
      host.ownerDocument.getSelection()?.collapse(node, rest)
      return
    }
    rest -= length
  }
}
