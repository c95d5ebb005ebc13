/**
 * The LINE messages we send, as data: the part of Flex that a receipt needs. What goes into the outbox is parsed and held
 * to LINE's limits first, for LINE refuses a message for good over one empty text.
 */
import { z } from 'zod'

const Colour = z.string().regex(/^#[0-9A-Fa-f]{6}$/)
/** LINE's steps of space: `none`, `xs` … `xxl`. */
const Space = z.enum(['none', 'xs', 'sm', 'md', 'lg', 'xl', 'xxl'])
const TextSize = z.enum(['xxs', 'xs', 'sm', 'md', 'lg', 'xl', 'xxl', '3xl', '4xl', '5xl'])

export const FlexText = z.object({
  type: z.literal('text'),
  text: z.string().min(1),
  size: TextSize.exactOptional(),
  weight: z.enum(['regular', 'bold']).exactOptional(),
  color: Colour.exactOptional(),
  align: z.enum(['start', 'center', 'end']).exactOptional(),
  flex: z.number().int().min(0).exactOptional(),
  margin: Space.exactOptional(),
  wrap: z.boolean().exactOptional(),
})
export type FlexText = z.infer<typeof FlexText>

const FlexSeparator = z.object({
  type: z.literal('separator'),
  margin: Space.exactOptional(),
  color: Colour.exactOptional(),
})

export type FlexBox = {
  type: 'box'
  layout: 'vertical' | 'horizontal' | 'baseline'
  contents: FlexComponent[]
  margin?: z.infer<typeof Space>
  spacing?: z.infer<typeof Space>
  paddingAll?: z.infer<typeof Space>
  backgroundColor?: string
}
export type FlexComponent = FlexText | z.infer<typeof FlexSeparator> | FlexBox

export const FlexBox: z.ZodType<FlexBox> = z.object({
  type: z.literal('box'),
  layout: z.enum(['vertical', 'horizontal', 'baseline']),
  get contents(): z.ZodType<FlexComponent[]> {
    return z.array(z.union([FlexText, FlexSeparator, FlexBox]))
  },
  margin: Space.exactOptional(),
  spacing: Space.exactOptional(),
  paddingAll: Space.exactOptional(),
  backgroundColor: Colour.exactOptional(),
})

const FlexBubble = z.object({
  type: z.literal('bubble'),
  size: z.enum(['kilo', 'mega']),
  header: FlexBox.exactOptional(),
  body: FlexBox,
  footer: FlexBox.exactOptional(),
})

/** LINE: at most 1,500 characters of alternative text, and 30 KB of JSON a bubble. */
const ALT_TEXT_MAX = 1500
const BUBBLE_BYTES_MAX = 30 * 1024

export const FlexMessage = z.object({
  type: z.literal('flex'),
  altText: z.string().min(1).max(ALT_TEXT_MAX),
  contents: FlexBubble.refine((bubble) => Buffer.byteLength(JSON.stringify(bubble)) <= BUBBLE_BYTES_MAX, {
    error: 'a bubble is at most 30 KB',
  }),
})
export type FlexMessage = z.infer<typeof FlexMessage>

/** What one push carries. */
export const LineMessages = z.array(FlexMessage).min(1).max(5)
export type LineMessages = z.infer<typeof LineMessages>
