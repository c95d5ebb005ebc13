/** The few signs the page needs, drawn here. Each stands beside words that say the same. */
const PATHS = {
  check: 'M5 12.500 10 17.500 19.500 7',
  clock: 'M12 7v5l3.500 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  cross: 'M7 7l10 10M17 7 7 17',
  cloud: 'M7 18a4 4 0 0 1-.600-7.950A5.500 5.500 0 0 1 17 9.500a4.250 4.250 0 0 1 .250 8.500M12 12v5M12 20.500v.010',
  ticket: 'M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM10 7v10',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20a7.500 7.500 0 0 1 15 0',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} pathLength={1} />
    </svg>
  )
}
