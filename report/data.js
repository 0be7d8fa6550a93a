import { element } from '../demo/elements.js'

/** @typedef {import('../src/report/page/types.js').ReportData} ReportData */
/** @typedef {import('../src/report/page/types.js').ReportEntry} ReportEntry */
/** @typedef {import('../src/report/page/types.js').ReportOutput} ReportOutput */
/** @typedef {import('../src/report/page/types.js').PictureRef} PictureRef */

/** Reads the data block. */
export function readData() {
  return /** @type {ReportData} */ (JSON.parse(element('data', HTMLScriptElement).textContent ?? ''))
}

/**
 * Returns the URL of a picture. Blocks are read when they are shown: they are most of the page.
 *
 * @param {PictureRef} picture
 */
export function urlOf({ url, block }) {
  return url ?? element(`picture-${block}`, HTMLScriptElement).textContent?.trim() ?? ''
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/**
 * Formats a size in decimal units: `1536` is `1.5 kB`.
 *
 * @param {number} bytes
 */
export function formatBytes(bytes) {
  const sign = bytes < 0 ? '−' : ''
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${sign}${value.toFixed(unit > 0 && value < 9.95 ? 1 : 0)} ${UNITS[unit]}`
}

/**
 * Formats a change of size: `−85 %`, or undefined if one size is not known.
 *
 * @param {number | undefined} before
 * @param {number | undefined} after
 */
export function formatChange(before, after) {
  if (before === undefined || after === undefined || before === 0) return undefined
  const percent = ((after - before) / before) * 100
  const digits = Math.abs(percent) >= 99 && percent < 0 ? 1 : 0
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(digits)} %`
}

/** @type {Readonly<Record<string, string>>} */
const LABELS = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  jxl: 'JPEG XL',
  gif: 'GIF',
  tiff: 'TIFF',
  heic: 'HEIC',
  svg: 'SVG',
}

/** @param {string | undefined} format */
export function labelOf(format) {
  return format === undefined ? 'unknown' : (LABELS[format] ?? format)
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function plural(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
