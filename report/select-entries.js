/** @typedef {import('../src/report/page/types.js').ReportEntry} ReportEntry */
/** @typedef {import('../src/report/page/types.js').ReportOutput} ReportOutput */

/**
 * @typedef {object} Choice
 * @property {string} name part of the source's path, in any case
 * @property {string} preset empty for all
 * @property {string} format empty for all
 * @property {string} status empty for all
 * @property {string} sort
 */

/**
 * An entry with those of its outputs that are shown.
 *
 * @typedef {object} Shown
 * @property {ReportEntry} entry
 * @property {readonly ReportOutput[]} outputs
 */

/**
 * Returns the entries that match a choice, in its order.
 *
 * @param {readonly ReportEntry[]} entries
 * @param {Choice} choice
 * @returns {Shown[]}
 */
export function selectEntries(entries, choice) {
  const name = choice.name.trim().toLowerCase()
  const hasOutputFilter = choice.preset !== '' || choice.format !== ''
  const shown = entries.flatMap((entry) => {
    if (!hasStatus(entry, choice.status) || !entry.path.toLowerCase().includes(name)) return []
    const outputs = entry.outputs.filter(
      (output) =>
        (choice.preset === '' || output.preset === choice.preset) &&
        (choice.format === '' || output.format === choice.format),
    )
    return hasOutputFilter && outputs.length === 0 ? [] : [{ entry, outputs }]
  })
  return sorted(shown, choice.sort)
}

/**
 * Returns the bytes that outputs save; negative if they are larger than their source together.
 *
 * @param {Shown} shown
 */
export function savingOf({ entry, outputs }) {
  const made = outputs.filter(({ bytes }) => bytes !== undefined)
  if (made.length === 0 || entry.bytes === undefined) return 0
  return entry.bytes - made.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
}

/** @param {ReportEntry} entry */
export function isFailed({ status }) {
  return status === 'failed' || status === 'partial'
}

/**
 * @param {ReportEntry} entry
 * @param {string} status
 */
function hasStatus(entry, status) {
  if (status === '') return true
  return status === 'failed' ? isFailed(entry) : entry.status === status
}

/**
 * @param {Shown[]} shown
 * @param {string} order
 */
function sorted(shown, order) {
  const [first, rank] = [shown, rankOf(order)]
  if (order === 'name') return first
  const ranks = new Map(first.map((one) => [one, rank(one)]))
  return first.toSorted((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0))
}

/**
 * Returns a function that gives the place of an entry: the highest comes first. Equal ones keep the order of the manifest,
 * which is by name.
 *
 * @param {string} order
 * @returns {(shown: Shown) => number}
 */
function rankOf(order) {
  if (order === 'saving') return savingOf
  if (order === 'growth') return (shown) => -savingOf(shown)
  if (order === 'size') return ({ entry }) => entry.bytes ?? 0
  return ({ entry }) => (entry.status === 'failed' ? 2 : isFailed(entry) ? 1 : 0)
}
