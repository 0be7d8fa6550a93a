import { create, element } from '../demo/elements.js'
import { describe, describeEncoding, size } from './card.js'
import { formatBytes, formatChange, labelOf, urlOf } from './data.js'

/** @typedef {import('./data.js').ReportEntry} ReportEntry */
/** @typedef {import('./data.js').ReportOutput} ReportOutput */

/** Greatest difference of aspect ratios at which two pictures lie on each other. */
const SAME_ASPECT = 0.02

/** Creates the dialog that compares an output with its source, at equal scale. Returns the function that opens it. */
export function createComparison() {
  const dialog = element('compare', HTMLDialogElement)
  const stage = element('stage', HTMLElement)
  const pair = element('pair', HTMLElement)
  const slide = element('slide', HTMLInputElement)
  const swap = element('swap', HTMLButtonElement)
  const mode = element('mode', HTMLSelectElement)
  const scale = element('scale', HTMLSelectElement)
  const which = element('which', HTMLSelectElement)
  /** @type {ReportEntry | undefined} */
  let entry

  const draw = () => {
    pair.dataset.mode = mode.value
    pair.dataset.scale = scale.value
    pair.dataset.shows = swap.getAttribute('aria-pressed') === 'true' ? 'before' : 'after'
    pair.style.setProperty('--slide', `${slide.value}%`)
    element('slide-label', HTMLElement).hidden = mode.value !== 'slide'
    swap.hidden = mode.value === 'side'
  }
  const show = () => {
    const output = entry?.outputs.filter(isMade)[Number(which.value)]
    if (entry !== undefined && output !== undefined) showPair(pair, entry, output)
    draw()
  }
  const toggle = () => {
    mode.value = 'swap'
    swap.setAttribute('aria-pressed', String(swap.getAttribute('aria-pressed') !== 'true'))
    draw()
  }
  for (const field of [slide, mode, scale]) field.addEventListener('input', draw)
  which.addEventListener('input', show)
  swap.addEventListener('click', toggle)
  element('compare-close', HTMLButtonElement).addEventListener('click', () => dialog.close())
  followPointer(stage, pair, (percent) => {
    if (mode.value !== 'slide') return
    slide.value = String(percent)
    draw()
  })
  stage.addEventListener('click', () => (mode.value === 'swap' ? toggle() : undefined))

  return (/** @type {ReportEntry} */ chosen, /** @type {ReportOutput} */ output) => {
    entry = chosen
    element('compare-title', HTMLElement).textContent = chosen.path
    const made = chosen.outputs.filter(isMade)
    which.replaceChildren(
      ...made.map((one, index) => create('option', { value: String(index) }, [nameOf(one)])),
    )
    which.value = String(made.indexOf(output))
    slide.value = '50'
    swap.setAttribute('aria-pressed', 'false')
    mode.value = isOverlay(chosen, output) ? 'slide' : 'side'
    show()
    dialog.showModal()
  }
}

/**
 * Shows the source and an output in boxes of the same size, and their facts below.
 *
 * @param {HTMLElement} pair
 * @param {ReportEntry} entry
 * @param {ReportOutput} output
 */
function showPair(pair, entry, output) {
  const { width = 1, height = 1 } = output
  pair.style.setProperty('--aspect', String(width / height))
  pair.style.setProperty('--own', `${width / devicePixelRatio}px`)
  setPicture(element('before', HTMLImageElement), entry.picture, `${entry.path}, before`)
  setPicture(element('after', HTMLImageElement), output.picture, `${entry.path}, after: ${nameOf(output)}`)
  const copies = [entry.picture?.isPreview && 'source', output.picture?.isPreview && 'output'].filter(Boolean)
  const before = describe([labelOf(entry.format), size(entry.width, entry.height), bytesOf(entry)])
  const after = describe([labelOf(output.format), size(width, height), bytesOf(output)])
  const change = formatChange(entry.bytes, output.bytes)
  element('compare-facts', HTMLElement).textContent = [
    `Before: ${before}. After: ${after}${change === undefined ? '' : ` (${change})`}.`,
    describeEncoding(output),
    output.path,
    copies.length > 0 ? `Shown by a smaller copy: ${copies.join(' and ')}.` : '',
    ...(output.warnings ?? []),
  ]
    .filter((text) => text !== '')
    .join(' — ')
}

/**
 * @param {HTMLImageElement} image
 * @param {import('./data.js').PictureRef | undefined} picture
 * @param {string} alt
 */
function setPicture(image, picture, alt) {
  image.alt = alt
  if (picture === undefined) image.removeAttribute('src')
  else image.src = urlOf(picture)
}

/**
 * Calls a function with the place of the pointer on the pair, in percent, while a button or finger is down.
 *
 * @param {HTMLElement} stage
 * @param {HTMLElement} pair
 * @param {(percent: number) => void} move
 */
function followPointer(stage, pair, move) {
  const follow = (/** @type {PointerEvent} */ event) => {
    if (event.buttons === 0) return
    const { left, width } = pair.getBoundingClientRect()
    move(Math.max(0, Math.min(100, ((event.clientX - left) / width) * 100)))
  }
  stage.addEventListener('pointerdown', follow)
  stage.addEventListener('pointermove', follow)
}

/**
 * Returns true if an output shows all of its source, so that one lies on the other.
 *
 * @param {ReportEntry} entry
 * @param {ReportOutput} output
 */
function isOverlay({ width, height }, output) {
  if (width === undefined || height === undefined || !output.width || !output.height) return false
  // A side is rounded to whole pixels, which is much of a small picture.
  const rounding = 1 / Math.min(output.width, output.height)
  return Math.abs(width / height / (output.width / output.height) - 1) < SAME_ASPECT + rounding
}

/** @param {ReportOutput} output */
function isMade({ error }) {
  return error === undefined
}

/** @param {ReportOutput} output */
function nameOf({ preset, format, width, height }) {
  return describe([preset, labelOf(format), size(width, height)])
}

/** @param {{ readonly bytes?: number | undefined }} file */
function bytesOf({ bytes }) {
  return bytes === undefined ? undefined : formatBytes(bytes)
}
