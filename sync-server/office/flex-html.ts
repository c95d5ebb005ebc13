/** A Flex message as HTML, near enough to what LINE draws, so that a dry run shows what members would get. */
import type { FlexBox, FlexComponent, FlexMessage, FlexText } from '#server/line/message.ts'
import { html, type Html } from './html.ts'

export function flexHtml({ contents }: FlexMessage): Html {
  const parts = [contents.header, contents.body, contents.footer].filter((part) => part !== undefined)
  return html`<div class="bubble ${contents.size}">${parts.map(box)}</div>`
}

function component(one: FlexComponent): Html {
  if (one.type === 'text') return text(one)
  if (one.type === 'separator') return html`<hr class="${one.color ? colourClass(one.color) : ''}" />`
  return box(one)
}

function box(one: FlexBox): Html {
  const classes = ['box', one.layout, `gap-${one.spacing ?? 'none'}`]
  if (one.backgroundColor) classes.push(groundClass(one.backgroundColor))
  return html`<div class="${classes.join(' ')}">${one.contents.map(component)}</div>`
}

function text(one: FlexText): Html {
  const classes = ['text', `size-${one.size ?? 'md'}`, one.weight ?? 'regular', `align-${one.align ?? 'start'}`]
  if (one.flex !== undefined) classes.push(`flex-${Math.min(one.flex, 5)}`)
  if (one.color) classes.push(colourClass(one.color))
  return html`<span class="${classes.join(' ')}">${one.text}</span>`
}

const colourClass = (colour: string): string => `c${colour.slice(1)}`
const groundClass = (colour: string): string => `g${colour.slice(1)}`

/** The colours a message names, as rules; the page's content security policy has no room for style attributes. */
export function flexColours(messages: readonly FlexMessage[]): string {
  const colours = new Set(JSON.stringify(messages).match(/#[0-9A-Fa-f]{6}\b/g) ?? [])
  return [...colours]
    .map(
      (colour) =>
        `.${colourClass(colour)}{color:${colour};border-color:${colour}}.${groundClass(colour)}{background:${colour}}`,
    )
    .join('')
}
