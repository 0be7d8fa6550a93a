import type { Size } from '../picture.js'

/** Bytes in which the root element is looked for. */
const HEAD_BYTES = 65_536

const ROOT =
  /^(?:\u00ef\u00bb\u00bf)?(?:<\?xml[^>]*\?>|<!--(?:[^-]|-(?!-))*-->|<!DOCTYPE[^[>]*>|\s)*<svg((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>/
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const LENGTH = /^\s*\+?((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(px|pt|pc|in|cm|mm)?\s*$/i

/** Pixels per unit at 72 pixels per inch, as librsvg takes them. */
const UNITS: Readonly<Record<string, number>> = {
  px: 1,
  pt: 1,
  pc: 12,
  in: 72,
  cm: 72 / 2.54,
  mm: 7.2 / 2.54,
}

/**
 * Returns the size that the root element of an SVG announces, in pixels. Returns undefined if it announces none, in other
 * units, or if the file is compressed or begins in an unusual way.
 */
export function announcedSvgSize(svg: Uint8Array): Size | undefined {
  const head = Buffer.from(svg.buffer, svg.byteOffset, Math.min(svg.length, HEAD_BYTES)).toString('latin1')
  const root = ROOT.exec(head)?.[1]
  if (root === undefined) return undefined
  const values = new Map(
    [...root.matchAll(ATTRIBUTE)].map(
      ([, name = '', double, single = '']) => [name, double ?? single] as const,
    ),
  )
  const [width, height] = [pixelsOf(values.get('width')), pixelsOf(values.get('height'))]
  if (width !== undefined && height !== undefined) return { width, height }
  const [, , boxWidth = 0, boxHeight = 0] = (values.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  if (!(boxWidth > 0 && boxHeight > 0)) return undefined
  if (width !== undefined) return { width, height: (width * boxHeight) / boxWidth }
  if (height !== undefined) return { width: (height * boxWidth) / boxHeight, height }
  return { width: boxWidth, height: boxHeight }
}

function pixelsOf(length: string | undefined): number | undefined {
  const [, number, unit = 'px'] = LENGTH.exec(length ?? '') ?? []
  return number === undefined ? undefined : Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? 1))
}
