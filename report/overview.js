import { create, element } from '../demo/elements.js'
import { formatBytes, formatChange, labelOf, plural } from './data.js'
import { isFailed } from './select-entries.js'

/** @typedef {import('../src/report/page/types.js').ReportEntry} ReportEntry */

/**
 * Shows what a run came to: figures, and bytes by format and by preset.
 *
 * @param {readonly ReportEntry[]} entries
 */
export function showOverview(entries) {
  const outputs = entries.flatMap((entry) => entry.outputs)
  const made = entries.filter((entry) => entry.outputs.some(({ bytes }) => bytes !== undefined))
  const before = sum(made.map(({ bytes }) => bytes))
  const after = sum(outputs.map(({ bytes }) => bytes))
  const failed = entries.filter(isFailed).length
  const figures = [
    [
      'Sources',
      entries.length.toLocaleString('en'),
      plural(outputs.filter(({ error }) => !error).length, 'output'),
    ],
    ['Before', formatBytes(before), 'of sources that have outputs'],
    ['After', formatBytes(after), 'of all their outputs'],
    [
      before < after ? 'Added' : 'Saved',
      formatBytes(Math.abs(before - after)),
      formatChange(before, after) ?? 'no outputs',
    ],
    ['Failed', failed.toLocaleString('en'), failed === 0 ? 'all went well' : 'they come first below'],
  ]
  element('figures', HTMLElement).replaceChildren(
    ...figures.map(([term = '', value = '', note = '']) =>
      create('div', { class: term === 'Failed' && failed > 0 ? 'figure bad' : 'figure' }, [
        create('dt', {}, [term]),
        create('dd', {}, [create('strong', {}, [value]), create('span', { class: 'quiet' }, [note])]),
      ]),
    ),
  )
  element('charts', HTMLElement).replaceChildren(
    createChart(
      'Bytes by format',
      groupBytes(outputs, ({ format }) => labelOf(format)),
    ),
    createChart(
      'Bytes by preset',
      groupBytes(outputs, ({ preset }) => preset),
    ),
  )
}

/** @typedef {{ name: string, bytes: number, count: number }} Bar */

/**
 * @param {readonly import('../src/report/page/types.js').ReportOutput[]} outputs
 * @param {(output: import('../src/report/page/types.js').ReportOutput) => string} nameOf
 * @returns {Bar[]}
 */
function groupBytes(outputs, nameOf) {
  /** @type {Map<string, Bar>} */
  const bars = new Map()
  for (const output of outputs) {
    if (output.bytes === undefined) continue
    const name = nameOf(output)
    const bar = bars.get(name) ?? { name, bytes: 0, count: 0 }
    bars.set(name, { name, bytes: bar.bytes + output.bytes, count: bar.count + 1 })
  }
  return [...bars.values()].toSorted((a, b) => b.bytes - a.bytes)
}

/**
 * Creates a chart as a table, which screen readers read.
 *
 * @param {string} title
 * @param {readonly Bar[]} bars
 */
function createChart(title, bars) {
  const most = Math.max(1, ...bars.map(({ bytes }) => bytes))
  const rows = bars.map(({ name, bytes, count }) => {
    const bar = create('span', { class: 'bar' })
    // The policy of the page forbids style attributes, not this.
    bar.style.width = `${(bytes / most) * 100}%`
    return create('tr', {}, [
      create('th', { scope: 'row' }, [name]),
      create('td', { class: 'track' }, [bar]),
      create('td', { class: 'number' }, [formatBytes(bytes)]),
      create('td', { class: 'number quiet' }, [plural(count, 'file')]),
    ])
  })
  const table = create('table', { class: 'chart' }, [
    create('caption', {}, [title]),
    create('tbody', {}, rows),
  ])
  return create('section', { class: 'card' }, [
    bars.length > 0 ? table : create('p', { class: 'quiet' }, [`${title}: there are no outputs.`]),
  ])
}

/** @param {readonly (number | undefined)[]} values */
function sum(values) {
  return values.reduce((/** @type {number} */ total, value = 0) => total + value, 0)
}
