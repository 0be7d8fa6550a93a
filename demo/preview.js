import { create, element, formatBytes } from './elements.js'

/**
 * A picture that was received.
 *
 * @typedef {{ blob: Blob, name: string, size?: { width: number, height: number }, type?: string, bytes?: number }} Received
 */

/** Facts that were shown. @typedef {{ width: number | undefined, height: number | undefined, bytes: number }} ShownFacts */

/** URL of the picture in each figure, which is released when another is shown. @type {Map<string, string>} */
const urls = new Map()

/**
 * Shows a picture in a figure, with its size in pixels and bytes.
 *
 * @param {'before' | 'after'} id
 * @param {Received} received
 * @returns {Promise<ShownFacts>}
 */
export async function showPicture(id, { blob, name, size, type, bytes = blob.size }) {
  const figure = element(id, HTMLElement)
  const url = URL.createObjectURL(blob)
  const image = create('img', { src: url, alt: `${id === 'before' ? 'Before' : 'After'}: ${name}` })
  const isShown = await image.decode().then(
    () => true,
    () => false,
  )
  const width = isShown && size === undefined ? image.naturalWidth : size?.width
  const height = isShown && size === undefined ? image.naturalHeight : size?.height
  const kind = type ?? formatName(blob.type)
  const content = isShown ? image : create('p', { class: 'quiet' }, [`Browsers do not show ${kind}.`])
  figure.querySelector('.frame')?.replaceChildren(content)
  const old = urls.get(id)
  urls.set(id, url)
  if (old !== undefined) URL.revokeObjectURL(old)
  const pixels = width === undefined || height === undefined ? [] : [`${width} × ${height} px`]
  setFacts(figure, [...pixels, formatBytes(bytes), kind].join(' · '))
  if (id === 'after')
    figure.querySelector('.facts')?.append(' ', create('a', { href: url, download: name }, ['Save']))
  return { width, height, bytes }
}

/**
 * Empties a figure.
 *
 * @param {'before' | 'after'} id
 * @param {string} reason
 */
export function clearPicture(id, reason) {
  const figure = element(id, HTMLElement)
  figure.querySelector('.frame')?.replaceChildren(create('p', { class: 'quiet' }, [reason]))
  setFacts(figure, '')
}

/** Shows that a picture is being made. @param {boolean} isBusy */
export function markBusy(isBusy) {
  element('after', HTMLElement).classList.toggle('busy', isBusy)
  element('after', HTMLElement).setAttribute('aria-busy', String(isBusy))
}

/** Shows by how much the file became smaller. @param {number | undefined} before @param {number | undefined} after bytes */
export function showSaving(before, after) {
  const badge = element('saving', HTMLElement)
  badge.hidden = before === undefined || after === undefined || before === after
  if (before === undefined || after === undefined) return
  const percent = Math.round((after / before - 1) * 100)
  badge.textContent = `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} % bytes`
}

/** @param {HTMLElement} figure @param {string} text */
function setFacts(figure, text) {
  const facts = figure.querySelector('.facts')
  if (facts !== null) facts.textContent = text
}

/** @param {string} type media type */
function formatName(type) {
  return (
    type
      .replace(/^image\/(?:x-)?/, '')
      .replace(/\+xml$/, '')
      .toUpperCase() || 'file'
  )
}
