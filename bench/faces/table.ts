import type { Comparison } from './compare.js'
import { groupOf } from './known-faces.js'

/** Overlap from which two detectors agree on a box. */
const AGREED = 0.6

/** Returns a Markdown table of the counts, by the folder of the photos, and the photos with missed and wrong boxes. */
export function writeTable(comparisons: readonly Comparison[]): string {
  const groups = groupsOf(comparisons)
  const rows = [...groups].map(([group, members]) => writeRow(group, members))
  if (groups.size > 1) rows.push(writeRow('all', comparisons))
  return [
    `| photos in | photos | faces | found | missed | wrong | overlap: median (lowest tenth) | overlap ≥ ${AGREED} |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...comparisons.flatMap(writeFaults),
  ].join('\n')
}

function groupsOf(comparisons: readonly Comparison[]): Map<string, Comparison[]> {
  const groups = new Map<string, Comparison[]>()
  for (const one of comparisons) {
    const group = groupOf(one.photo)
    groups.set(group, [...(groups.get(group) ?? []), one])
  }
  return groups
}

function writeRow(group: string, members: readonly Comparison[]): string {
  const count = (list: (one: Comparison) => readonly unknown[]) =>
    members.reduce((sum, one) => sum + list(one).length, 0)
  const found = count((one) => one.found)
  const missed = count((one) => one.missed)
  const overlaps = members.flatMap((one) => one.overlaps).toSorted((a, b) => a - b)
  const at = (part: number) => (overlaps[Math.floor(part * overlaps.length)] ?? 0).toFixed(2)
  const agreed = overlaps.filter((overlap) => overlap >= AGREED).length
  const share = overlaps.length === 0 ? '' : `${agreed} of ${overlaps.length}`
  const spread = overlaps.length === 0 ? '' : `${at(0.5)} (${at(0.1)})`
  const cells = [
    group,
    members.length,
    found + missed,
    found,
    missed,
    count((one) => one.wrong),
    spread,
    share,
  ]
  return `| ${cells.join(' | ')} |`
}

function writeFaults({ photo, missed, wrong, overlaps }: Comparison): string[] {
  const poor = overlaps.filter((overlap) => overlap < AGREED).map((overlap) => overlap.toFixed(2))
  const parts = [
    missed.length > 0 && `${missed.length} missed`,
    wrong.length > 0 && `${wrong.length} wrong`,
    poor.length > 0 && `overlap ${poor.join(', ')}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? [] : [`- ${photo}: ${parts.join('; ')}`]
}
