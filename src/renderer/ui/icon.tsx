/** An icon of a set that draws lines on 24 × 24. */
import type { ComponentType, SVGProps } from 'react'

export type Icon = ComponentType<Omit<SVGProps<SVGSVGElement>, 'stroke'> & { size?: number; stroke?: number }>

/** `lines`: what is inside the `svg`. Decoration, unless it is given a role and a label. */
export const icon =
  (lines: string): Icon =>
  ({ size = 24, stroke = 2, ...props }) => (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      strokeWidth={stroke}
      aria-hidden={props['aria-label'] === undefined}
      {...props}
      dangerouslySetInnerHTML={{ __html: lines }}
    />
  )
