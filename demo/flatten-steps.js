/**
 * A step, as chosen on the page.
 *
 * @typedef {{ readonly kind: 'preset' | 'operation', readonly name: string, readonly value: string }} Step
 * @typedef {readonly [name: string, value: string]} TextOp
 * @typedef {import('../src/http/demo/page-settings.js').PageSettings} PageSettings
 * @typedef {PageSettings['presets'][number]} Preset
 */

/**
 * Steps as the command and a config take them: one preset with further operations, or a list of operations.
 *
 * @typedef {{ readonly preset: Preset | undefined, readonly ops: readonly TextOp[] }} FlatSteps
 */

/**
 * Returns the format that a value of `format` names: `webp` for `webp:quality=80`.
 *
 * @param {string} value
 */
export function formatType(value) {
  const [, type = ''] = /^(?:type=)?([A-Za-z]+)/.exec(value) ?? []
  return type === 'jpg' ? 'jpeg' : type === 'tif' ? 'tiff' : type
}

/**
 * Returns the presets among steps.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 */
export function presetsOf(steps, { presets }) {
  return steps.flatMap((step) => {
    if (step.kind !== 'preset') return []
    return presets.filter(({ name }) => name === step.name)
  })
}

/**
 * Flattens steps. A preset that comes first stays a preset, since the command and a config apply operations after it. In all
 * other orders its operations are listed, with its largest width and its last format, as a URL without a browser gives them.
 *
 * @param {readonly Step[]} steps
 * @param {PageSettings} settings
 * @returns {FlatSteps}
 */
export function flattenSteps(steps, settings) {
  const [first] = presetsOf(steps, settings)
  const isFirst = steps[0]?.kind === 'preset' && steps.filter(({ kind }) => kind === 'preset').length === 1
  if (first !== undefined && isFirst) return { preset: first, ops: toTextOps(steps.slice(1)) }
  const all = steps.flatMap((step) => {
    const ops = step.kind === 'operation' ? toTextOps([step]) : presetsOf([step], settings).flatMap(opsOf)
    return ops.map((op) => ({ op, isOwn: step.kind === 'operation' }))
  })
  const settingNames = new Set(
    settings.operations.filter(({ kind }) => kind === 'setting').map(({ name }) => name),
  )
  const kept = all.filter(({ op: [name], isOwn }, index) => {
    if (isOwn || !settingNames.has(name)) return true
    const same = all.filter(({ op }) => op[0] === name)
    return same.every((other) => !other.isOwn) && same.at(-1) === all[index]
  })
  return { preset: undefined, ops: kept.map(({ op }) => op) }
}

/** @param {readonly Step[]} steps */
function toTextOps(steps) {
  return steps.map(({ name, value }) => /** @type {TextOp} */ ([name, value]))
}

/** @param {Preset} preset */
function opsOf({ ops, widths, formats, after }) {
  const width = Math.max(...widths)
  const format = formats.at(-1)
  /** @type {TextOp[]} */
  const resize = widths.length > 0 ? [['resize', String(width)]] : []
  /** @type {TextOp[]} */
  const last = format === undefined ? [] : [['format', format]]
  return [...ops, ...resize, ...after, ...last]
}
