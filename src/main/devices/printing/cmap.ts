/** Which characters a font can draw, from its `cmap` table (OpenType specification, formats 4 and 12). */

/** The Unicode code points that a TrueType or OpenType font file maps to a glyph. Throws when it has no Unicode map. */
export function readCoverage(font: Buffer): (codePoint: number) => boolean {
  const view = new DataView(font.buffer, font.byteOffset, font.byteLength)
  const start = tableStart(view, 'cmap')
  const covered = new Uint8Array(0x11_0000 / 8)
  const mark = (codePoint: number) => {
    covered[codePoint >> 3] = (covered[codePoint >> 3] ?? 0) | (1 << (codePoint & 7))
  }
  let found = false
  for (let index = 0; index < view.getUint16(start + 2); index++) {
    const record = start + 4 + index * 8
    const platform = view.getUint16(record)
    if (platform !== 0 && platform !== 3) continue
    const subtable = start + view.getUint32(record + 4)
    const format = view.getUint16(subtable)
    if (format === 4) markSegments(view, subtable, mark)
    else if (format === 12) markGroups(view, subtable, mark)
    else continue
    found = true
  }
  if (!found) throw new Error('the font has no Unicode character map')
  return (codePoint) => ((covered[codePoint >> 3] ?? 0) & (1 << (codePoint & 7))) !== 0
}

function tableStart(view: DataView, tag: string): number {
  for (let index = 0; index < view.getUint16(4); index++) {
    const record = 12 + index * 16
    const name = String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(record + at)))
    if (name === tag) return view.getUint32(record + 8)
  }
  throw new Error(`the font has no ${tag} table`)
}

/** Format 4: segments of the basic plane, each with a delta or an offset into glyph ids. Glyph 0 means "missing". */
function markSegments(view: DataView, at: number, mark: (codePoint: number) => void) {
  const doubled = view.getUint16(at + 6)
  const ends = at + 14
  const starts = ends + doubled + 2
  const deltas = starts + doubled
  const offsets = deltas + doubled
  for (let segment = 0; segment < doubled; segment += 2) {
    const first = view.getUint16(starts + segment)
    const last = view.getUint16(ends + segment)
    const delta = view.getUint16(deltas + segment)
    const offset = view.getUint16(offsets + segment)
    for (let codePoint = first; codePoint <= last && codePoint < 0xffff; codePoint++) {
      const listed = offset === 0 ? codePoint : view.getUint16(offsets + segment + offset + (codePoint - first) * 2)
      const glyph = offset !== 0 && listed === 0 ? 0 : (listed + delta) & 0xffff
      if (glyph !== 0) mark(codePoint)
    }
  }
}

/** Format 12: groups of consecutive code points, all planes. */
function markGroups(view: DataView, at: number, mark: (codePoint: number) => void) {
  for (let group = 0; group < view.getUint32(at + 12); group++) {
    const record = at + 16 + group * 12
    const first = view.getUint32(record)
    const last = view.getUint32(record + 4)
    const glyph = view.getUint32(record + 8)
    for (let codePoint = first; codePoint <= last; codePoint++) if (glyph + codePoint - first !== 0) mark(codePoint)
  }
}
