/** The server's figures in Prometheus' text format. */
type Labels = Readonly<Record<string, string>>

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10]

export type Metrics = {
  add(name: string, amount?: number, labels?: Labels): void
  /** A duration in seconds. */
  observe(name: string, seconds: number, labels: Labels): void
  text(gauges: Readonly<Record<string, number>>): string
}

const labelled = (name: string, labels: Labels): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"\n]/g, '_')}"`)
  return pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name
}

export function createMetrics(): Metrics {
  const values = new Map<string, number>()
  const bump = (name: string, labels: Labels, amount: number) => {
    const key = labelled(`counterfoil_${name}`, labels)
    values.set(key, (values.get(key) ?? 0) + amount)
  }
  return {
    add: (name, amount = 1, labels = {}) => bump(name, labels, amount),
    observe: (name, seconds, labels) => {
      for (const le of BUCKETS) if (seconds <= le) bump(`${name}_bucket`, { ...labels, le: String(le) }, 1)
      bump(`${name}_bucket`, { ...labels, le: '+Inf' }, 1)
      bump(`${name}_sum`, labels, seconds)
      bump(`${name}_count`, labels, 1)
    },
    text: (gauges) => {
      const now = Object.entries(gauges).map(([name, value]) => `counterfoil_${name} ${value}`)
      return `${[...[...values].map(([key, value]) => `${key} ${value}`), ...now].join('\n')}\n`
    },
  }
}
