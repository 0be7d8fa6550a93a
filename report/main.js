import { create, element } from '../demo/elements.js'
import { createCard } from './card.js'
import { createComparison } from './compare.js'
import { labelOf, plural, readData } from './data.js'
import { createFeed } from './feed.js'
import { showOverview } from './overview.js'
import { selectEntries } from './select-entries.js'

/** @typedef {import('./select-entries.js').Shown} Shown */

const { title, tool, entries } = readData()
element('title', HTMLElement).textContent = title
element('tool', HTMLElement).textContent = tool
showOverview(entries)

const outputs = entries.flatMap((entry) => entry.outputs)
const name = element('name', HTMLInputElement)
const status = element('status', HTMLSelectElement)
const sort = element('sort', HTMLSelectElement)
const preset = fillSelect('preset', [...new Set(outputs.map((output) => output.preset))].toSorted(), String)
const format = fillSelect(
  'format',
  [...new Set(outputs.flatMap((output) => output.format ?? []))].toSorted(),
  labelOf,
)

const compare = createComparison()
const showRows = createFeed(
  element('feed', HTMLElement),
  (/** @type {Shown} */ shown, /** @type {number} */ position, /** @type {number} */ count) =>
    createCard(shown, position, count, compare),
)

function showSelected() {
  const choice = {
    name: name.value,
    preset: preset.value,
    format: format.value,
    status: status.value,
    sort: sort.value,
  }
  const shown = selectEntries(entries, choice)
  element('count', HTMLElement).textContent =
    shown.length === entries.length
      ? plural(entries.length, 'source')
      : `${shown.length.toLocaleString('en')} of ${plural(entries.length, 'source')}`
  element('empty', HTMLElement).hidden = shown.length > 0
  showRows(shown)
}

/**
 * @param {string} id
 * @param {readonly string[]} values
 * @param {(value: string) => string} labelFor
 */
function fillSelect(id, values, labelFor) {
  const select = element(id, HTMLSelectElement)
  select.replaceChildren(
    create('option', { value: '' }, ['All']),
    ...values.map((value) => create('option', { value }, [labelFor(value)])),
  )
  return select
}

element('filters', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
for (const field of [name, preset, format, status, sort]) field.addEventListener('input', showSelected)
showSelected()
