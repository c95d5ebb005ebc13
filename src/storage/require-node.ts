/**
 * Every entry imports this first: the database driver crashes, rather than complains, on a Node that is too old, and the
 * TypeScript runs as it stands only on a new one.
 */
const [major = 0] = process.versions.node.split('.').map(Number)

if (major < 24) {
  console.error(
    `Counterfoil needs Node 24 and this is ${process.versions.node}. Start it through npm ("npm start"): "npm ci" has put the right Node beside it.`,
  )
  process.exit(1)
}
