import { spreadOf, type Series } from './measure.js'
import type { Outcome } from './bench.js'
import { showRate, type Report } from './table.js'

const WIDTH = 760
const LABELS = 230
const NUMBERS = 70
const BAR = 16
const STEP = 22
const HEADING = 30
const GAP = 14

/** Colours for light and dark pages. */
const STYLE = `text { font: 13px sans-serif; fill: #1f2328 } .title { font-weight: bold } .ours { fill: #0969da }
  .peer { fill: #8c959f } .limit { fill: #d0b46c } .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #4493f8 } .spread { stroke: #e6edf3 } }`

/** Draws bars of images per second as SVG, one group for each workload. Longer is faster. */
export function drawPlot({ outcomes }: Report): string {
  const parts: string[] = []
  let y = 0
  for (const outcome of outcomes) {
    if (outcome.series.length < 2 || outcome.images === 0) continue
    const group = drawGroup(outcome, y)
    parts.push(group.svg)
    y += group.height
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`,
    '<title>Images per second, by workload; longer is faster</title>',
    `<style>${STYLE}</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function drawGroup({ id, title, images, series }: Outcome, top: number) {
  const speeds = series.map(({ seconds }) => spreadOf(seconds.map((each) => images / each)))
  const scale = (WIDTH - LABELS - NUMBERS) / Math.max(...speeds.map(({ max }) => max))
  const lines = [`<text class="title" x="0" y="${top + 20}">${escapeText(`${id}. ${title}`)}</text>`]
  for (const [index, one] of series.entries()) {
    const speed = speeds[index]
    if (speed !== undefined) lines.push(drawBar(one, speed, scale, top + HEADING + index * STEP))
  }
  return { svg: lines.join('\n'), height: HEADING + series.length * STEP + GAP }
}

/** Draws a bar to the median, and a line from minimum to maximum. */
function drawBar(
  { name, role }: Series,
  { min, median, max }: { readonly min: number; readonly median: number; readonly max: number },
  scale: number,
  y: number,
): string {
  const x = (value: number) => (LABELS + value * scale).toFixed(1)
  const middle = y + BAR / 2
  return [
    `<text x="${LABELS - 8}" y="${y + 12}" text-anchor="end">${escapeText(name)}</text>`,
    `<rect class="${role}" x="${LABELS}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR}"/>`,
    `<path class="spread" d="M${x(min)} ${middle}H${x(max)}"/>`,
    `<text x="${WIDTH - NUMBERS + 8}" y="${y + 12}">${showRate(median)}/s</text>`,
  ].join('\n')
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
