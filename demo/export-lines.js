import { flattenSteps, formatType, presetsOf } from './flatten-steps.js'

/**
 * @typedef {import('./flatten-steps.js').Step} Step
 * @typedef {import('./flatten-steps.js').TextOp} TextOp
 * @typedef {import('./flatten-steps.js').PageSettings} PageSettings
 */

/**
 * A picture on the server.
 *
 * @typedef {{ readonly kind: 'upload', readonly id: string, readonly name: string, readonly format: string }} UploadedPicture
 * @typedef {{ readonly kind: 'source', readonly path: string, readonly name: string }} SourcePicture
 * @typedef {UploadedPicture | SourcePicture} Picture
 */

/** Formats without an encoder, and those that pictures of them are made in. */
const SUBSTITUTES = /** @type {Readonly<Record<string, string>>} */ ({
  heic: 'jpeg',
  heif: 'jpeg',
  svg: 'png',
})
const OUTPUTS = new Set(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff', 'jxl'])

/**
 * Returns the format of the result by its name; `auto` if the browser decides, undefined if it is that of the source.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
function resultFormat(steps, settings) {
  const own = steps.findLast(({ kind, name }) => kind === 'operation' && name === 'format')
  if (own !== undefined) return formatType(own.value)
  const presets = presetsOf(steps, settings)
  if (presets.some(({ formats }) => formats.length > 0)) return 'auto'
  const text = presetFormat(steps, settings)
  return text === undefined ? undefined : formatType(text)
}

/**
 * Returns the path and query of the result, without a slash at its begin.
 *
 * @param {Picture} picture
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function resultPath(picture, steps, settings) {
  if (picture.kind === 'source') {
    const query = steps.map(toParameter).join('&')
    return query === '' ? picture.path : `${picture.path}?${query}`
  }
  const format = resultFormat(steps, settings) ?? SUBSTITUTES[picture.format] ?? picture.format
  const type = OUTPUTS.has(format) || format === 'auto' ? format : 'jpeg'
  // The extension names the format already, and would replace the encoder options of a preset's format.
  const text = settings.onlyPresets ? undefined : presetFormat(steps, settings)
  const hasOwn = steps.some(({ kind, name }) => kind === 'operation' && name === 'format')
  const options = text !== undefined && !hasOwn && text !== type ? [`format=${encodeValue(text)}`] : []
  const parameters = steps.filter(({ name, value }) => name !== 'format' || value !== type).map(toParameter)
  const query = [...parameters, ...options].join('&')
  const path = `v1/images/${picture.id}.${type === 'jpeg' ? 'jpg' : type}`
  return query === '' ? path : `${path}?${query}`
}

/**
 * Returns the line that fetches a URL. It never holds the token itself.
 *
 * @param {string} url
 * @param {string} file
 * @param {boolean} needsToken
 */
export function toCurl(url, file, needsToken) {
  const token = needsToken ? ' -H "Authorization: Bearer $IMGPROC_TOKEN"' : ''
  return `curl -fsS${token} -o ${quote(file)} ${quote(url)}`
}

/**
 * Returns the line that makes the same picture of a local file.
 *
 * @param {string} file
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function toCommand(file, steps, settings) {
  const { preset, ops } = flattenSteps(steps, settings)
  return [
    'imgproc run',
    quote(file),
    ...(preset === undefined ? [] : [`--preset ${quote(preset.name)}`]),
    ...ops.map((op) => toFlag(op, settings)),
    `-o ${makesSeveral(steps, settings) ? 'out' : quote(resultName(file, steps, settings))}`,
  ].join(' ')
}

/**
 * Returns true if the command makes several files of one: it takes no file name then.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function makesSeveral(steps, settings) {
  const { preset } = flattenSteps(steps, settings)
  return preset !== undefined && (preset.widths.length > 0 || preset.formats.length > 0)
}

/**
 * Returns the steps as a preset of a config.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function toConfig(steps, settings) {
  const { preset, ops } = flattenSteps(steps, settings)
  const list = (/** @type {readonly TextOp[]} */ items) =>
    items.map(([name, value]) => ({ [name]: value === 'true' ? true : value }))
  const own = list(ops)
  if (preset === undefined) return format({ ops: own })
  if (own.length === 0) return format({ extends: preset.name })
  // Operations after the resize to a width have a key of their own.
  const key = preset.widths.length > 0 || preset.after.length > 0 ? 'after' : 'ops'
  // A format of one's own replaces that of the preset.
  const hasFormat = ops.some(([name]) => name === 'format')
  const inherited = preset[key].filter(([name]) => !hasFormat || name !== 'format')
  return format({ extends: preset.name, [key]: [...list(inherited), ...own] })
}

/**
 * Returns a file name for the result.
 *
 * @param {string} file
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function resultName(file, steps, settings) {
  const [, stem = 'picture', ext = ''] = /^(.+?)(?:\.([^.]+))?$/.exec(file) ?? []
  const format = resultFormat(steps, settings) ?? SUBSTITUTES[ext.toLowerCase()] ?? ext.toLowerCase()
  const extension = format === '' || format === 'auto' || format === 'jpeg' ? 'jpg' : format
  return `${stem}-result.${extension}`
}

/**
 * Returns the last format that operations of presets set.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
function presetFormat(steps, settings) {
  const presets = presetsOf(steps, settings)
  if (presets.some(({ formats }) => formats.length > 0)) return undefined
  return presets.flatMap(({ ops, after }) => [...ops, ...after]).findLast(([name]) => name === 'format')?.[1]
}

/** @param {Step} step */
function toParameter({ kind, name, value }) {
  if (kind === 'preset') return `preset=${encodeValue(name)}`
  return value === 'true' ? name : `${name}=${encodeValue(value)}`
}

/** Leaves characters as they are that have no meaning in a query. @param {string} value */
function encodeValue(value) {
  return encodeURIComponent(value).replaceAll(/%(?:3A|2C|2F|40|3D)/g, decodeURIComponent)
}

/**
 * @param {TextOp} op
 * @param {PageSettings} settings
 */
function toFlag([name, value], { operations }) {
  const op = operations.find((one) => one.name === name)
  const flag = op?.flag ?? `--${name}`
  if (op?.isOptional !== true) return `${flag} ${quote(value)}`
  return value === 'true' ? flag : `${flag}=${quote(value)}`
}

/** Quotes a word for a shell, if it needs that. @param {string} word */
function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Formats a preset as JSON with one operation a line. @param {object} preset */
function format(preset) {
  const text = JSON.stringify({ presets: { mine: preset } }, null, 2)
  return text.replaceAll(/\{\n\s+("[^"]+": (?:"(?:[^"\\]|\\.)*"|true))\n\s+\}/g, '{ $1 }')
}
