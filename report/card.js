import { create } from '../demo/elements.js'
import { formatBytes, formatChange, labelOf, plural, urlOf } from './data.js'
import { whenInView } from './lazy-pictures.js'

/** @typedef {import('./select-entries.js').Shown} Shown */
/** @typedef {import('./data.js').ReportEntry} ReportEntry */
/** @typedef {import('./data.js').ReportOutput} ReportOutput */
/** @typedef {import('./data.js').PictureRef} PictureRef */

/**
 * Creates the row of a source: the source, and beside it its outputs and failures.
 *
 * @param {Shown} shown
 * @param {number} position
 * @param {number} count
 * @param {(entry: ReportEntry, output: ReportOutput) => void} compare
 */
export function createCard({ entry, outputs }, position, count, compare) {
  const title = create('h2', { id: `entry-${position}`, title: entry.path }, [entry.path])
  const failures = [entry.error, ...outputs.map(({ error }) => error)].filter((error) => error !== undefined)
  const made = outputs.filter(({ error }) => error === undefined)
  const attributes = {
    class: `entry ${entry.status}`,
    tabindex: '0',
    'aria-posinset': String(position),
    'aria-setsize': String(count),
    'aria-labelledby': title.id,
  }
  return create('article', attributes, [
    create('div', { class: 'entry-head' }, [title, createBadge(entry, outputs)]),
    create('div', { class: 'entry-body' }, [
      createSource(entry),
      create(
        'div',
        { class: 'outputs', tabindex: '0', role: 'group', 'aria-label': `Outputs of ${entry.path}` },
        [
          ...failures.map(createFailure),
          ...(entry.reason === undefined
            ? []
            : [create('p', { class: 'quiet' }, [`Skipped: ${entry.reason}`])]),
          ...made.map((output) => createOutput(entry, output, compare)),
        ],
      ),
    ]),
  ])
}

/**
 * @param {ReportEntry} entry
 * @param {readonly ReportOutput[]} outputs
 */
function createBadge({ status }, outputs) {
  if (status === 'failed') return create('span', { class: 'badge bad' }, ['Failed'])
  if (status === 'partial') return create('span', { class: 'badge bad' }, ['Partly failed'])
  if (status === 'skipped') return create('span', { class: 'badge' }, ['Skipped'])
  return create('span', { class: 'badge' }, [plural(outputs.length, 'output')])
}

/** @param {ReportEntry} entry */
function createSource(entry) {
  const { picture, format, width, height, bytes } = entry
  return create('figure', { class: 'tile source' }, [
    createPicture(picture, ''),
    create('figcaption', {}, [
      create('strong', {}, ['Source']),
      create('span', {}, [
        describe([format === undefined ? undefined : labelOf(format), size(width, height)]),
      ]),
      create('span', {}, [bytes === undefined ? 'not read' : formatBytes(bytes)]),
    ]),
  ])
}

/** @param {NonNullable<ReportEntry['error']>} error */
function createFailure({ code, message, retryable }) {
  return create('div', { class: 'failure' }, [
    create('strong', {}, [code]),
    create('p', {}, [message]),
    ...(retryable ? [create('p', { class: 'quiet' }, ['Run again: it may succeed later.'])] : []),
  ])
}

/**
 * @param {ReportEntry} entry
 * @param {ReportOutput} output
 * @param {(entry: ReportEntry, output: ReportOutput) => void} compare
 */
function createOutput(entry, output, compare) {
  const { preset, format, width, height, bytes = 0, stale, warnings = [] } = output
  const change = formatChange(entry.bytes, bytes)
  const grows = entry.bytes !== undefined && bytes > entry.bytes
  const facts = [
    create('strong', {}, [preset]),
    create('span', {}, [describe([labelOf(format), size(width, height)])]),
    create('span', {}, [
      `${formatBytes(bytes)} `,
      ...(change === undefined ? [] : [create('b', { class: grows ? 'grown' : 'saved' }, [change])]),
    ]),
    create('span', { class: 'quiet' }, [describeEncoding(output)]),
  ]
  const marks = [...(stale === true ? ['older source'] : []), ...(warnings.length > 0 ? ['warning'] : [])]
  const button = create(
    'button',
    { type: 'button', class: 'tile', title: [output.path, ...warnings].join('\n') },
    [createPicture(output.picture, marks.join(', ')), create('span', { class: 'caption' }, facts)],
  )
  button.addEventListener('click', () => compare(entry, output))
  return button
}

/** @param {ReportOutput} output */
export function describeEncoding({ quality, similarity, pages }) {
  return describe([
    quality === undefined ? undefined : `quality ${quality}`,
    similarity === undefined ? undefined : `SSIM ${similarity.toFixed(3)}`,
    pages === undefined ? undefined : plural(pages, 'frame'),
  ])
}

/**
 * @param {PictureRef | undefined} picture
 * @param {string} mark
 */
function createPicture(picture, mark) {
  const frame = create('span', { class: 'frame' })
  const showMissing = () => frame.prepend(create('span', { class: 'quiet' }, ['No picture']))
  if (picture === undefined) showMissing()
  else {
    const image = create('img', { alt: '', decoding: 'async' })
    image.addEventListener('error', () => {
      image.remove()
      showMissing()
    })
    whenInView(frame, () => {
      image.src = urlOf(picture)
      frame.prepend(image)
    })
  }
  if (mark !== '') frame.append(create('span', { class: 'mark' }, [mark]))
  return frame
}

/**
 * @param {number | undefined} width
 * @param {number | undefined} height
 */
export function size(width, height) {
  return width === undefined || height === undefined ? undefined : `${width} × ${height}`
}

/** @param {readonly (string | undefined)[]} facts */
export function describe(facts) {
  return facts.filter((fact) => fact !== undefined).join(' · ')
}
