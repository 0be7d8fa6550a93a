import { create, createIcon } from './elements.js'
import { formatType } from './flatten-steps.js'

/**
 * @typedef {import('./flatten-steps.js').PageSettings} PageSettings
 * @typedef {PageSettings['operations'][number]} Operation
 * @typedef {import('./flatten-steps.js').Preset} Preset
 */

/**
 * A step with its state on the page.
 *
 * @typedef {{ id: number, kind: 'preset' | 'operation', name: string, value: string }} ListedStep
 */

/**
 * @typedef {object} RowActions
 * @property {(value: string) => void} change
 * @property {(by: -1 | 1) => void} move
 * @property {() => void} remove
 */

const UP = 'm6 14 6-6 6 6'
const DOWN = 'm6 10 6 6 6-6'
const CROSS = 'M7 7l10 10M17 7 7 17'
const GRIP = 'M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01'

/**
 * Creates the row of a step: its value, its parameters, and buttons.
 *
 * @param {ListedStep} step
 * @param {{ isFirst: boolean, isLast: boolean }} place
 * @param {PageSettings} settings
 * @param {RowActions} actions
 */
export function createRow(step, { isFirst, isLast }, settings, actions) {
  const { id, kind, name } = step
  const label = create('strong', { id: `name-${id}` }, [name])
  const operation = kind === 'operation' ? settings.operations.find((one) => one.name === name) : undefined
  const preset = kind === 'preset' ? settings.presets.find((one) => one.name === name) : undefined
  const grip = create('span', { class: 'grip', title: 'Drag to another place' }, [createIcon(GRIP)])
  const head = create('div', { class: 'step-head' }, [
    grip,
    label,
    ...(kind === 'preset' ? [create('span', { class: 'badge' }, ['preset'])] : []),
    create('span', { class: 'step-buttons' }, [
      createButton(`Move ${name} up`, UP, isFirst, () => actions.move(-1), 'up'),
      createButton(`Move ${name} down`, DOWN, isLast, () => actions.move(1), 'down'),
      createButton(`Remove ${name}`, CROSS, false, () => actions.remove(), 'remove'),
    ]),
  ])
  const error = create('p', { class: 'step-error', id: `error-${id}`, hidden: true })
  const body =
    operation !== undefined
      ? createOperationBody(step, operation, actions)
      : preset !== undefined
        ? [create('p', { class: 'quiet' }, [describePreset(preset)])]
        : []
  const row = create('li', { class: 'step', 'data-id': String(id) }, [head, ...body, error])
  allowDragBy(grip, row)
  return row
}

/**
 * @param {ListedStep} step
 * @param {Operation} operation
 * @param {RowActions} actions
 */
function createOperationBody(step, operation, actions) {
  const summary = create('p', { class: 'quiet', id: `summary-${step.id}` }, [operation.summary])
  if (operation.isSwitch) return [summary]
  const input = create('input', {
    type: 'text',
    value: step.value,
    placeholder: `such as ${operation.example}`,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-label': `Value of ${step.name}`,
    'aria-describedby': `summary-${step.id} error-${step.id}`,
  })
  const hints = createHints(operation, (text) => {
    input.value = joinParameter(input.value, text, operation.hasShorthand)
    input.focus()
    input.setSelectionRange(input.value.length, input.value.length)
    input.dispatchEvent(new Event('input'))
  })
  const update = () => {
    for (const group of hints.querySelectorAll('[data-choice]'))
      group.toggleAttribute('hidden', group.getAttribute('data-choice') !== formatType(input.value))
  }
  input.addEventListener('input', () => {
    update()
    actions.change(input.value.trim())
  })
  update()
  return [input, summary, hints]
}

/**
 * Creates the list of parameters. A click on one adds it to the value.
 *
 * @param {Operation} operation
 * @param {(text: string) => void} add
 */
function createHints({ name, parameters, example }, add) {
  const groups = parameters.map(({ choice, params }) =>
    create(
      'dl',
      { 'data-choice': choice?.value },
      params.flatMap((param) => {
        const button = create('button', { type: 'button', 'aria-label': `Add ${param.name} to ${name}` }, [
          param.name,
        ])
        button.addEventListener('click', () => add(`${param.name}=${param.fallback ?? ''}`))
        const facts = [param.values, param.fallback === undefined ? '' : `default: ${param.fallback}`]
        const known = facts.filter((fact) => fact !== '').join('; ')
        const text = known === '' ? param.description : `${param.description} (${known})`
        return [create('dt', {}, [button]), create('dd', {}, [text])]
      }),
    ),
  )
  return create('details', { class: 'hints' }, [
    create('summary', {}, ['Parameters', create('span', { class: 'hidden-text' }, [` of ${name}`])]),
    create('p', { class: 'quiet' }, ['Example: ', create('code', {}, [example])]),
    ...groups,
  ])
}

/**
 * Appends a parameter to a value, or returns the value if it has that parameter.
 *
 * @param {string} value
 * @param {string} parameter
 * @param {boolean} hasShorthand
 */
function joinParameter(value, parameter, hasShorthand) {
  const [key = ''] = parameter.split('=')
  if (value.split(':').some((part) => part.startsWith(`${key}=`))) return value
  // One value alone may already be that parameter.
  if (value === '' || (!hasShorthand && !value.includes('='))) return parameter
  return value === 'true' || value === 'false' ? parameter : `${value}:${parameter}`
}

/** @param {Preset} preset */
function describePreset({ ops, widths, formats, after }) {
  const toText = (/** @type {readonly (readonly [string, string])[]} */ list) =>
    list.map(([name, value]) => (value === 'true' ? name : `${name} ${value}`))
  const parts = [
    ...toText(ops),
    ...(widths.length > 0 ? [`widths ${widths.join(', ')}`] : []),
    ...toText(after),
    ...(formats.length > 0 ? [`formats ${formats.join(', ')}`] : []),
  ]
  return parts.join('; ')
}

/**
 * @param {string} label
 * @param {string} icon
 * @param {boolean} isDisabled
 * @param {() => void} act
 * @param {string} action
 */
function createButton(label, icon, isDisabled, act, action) {
  const button = create(
    'button',
    {
      type: 'button',
      class: 'icon',
      'aria-label': label,
      title: label,
      'data-action': action,
      disabled: isDisabled,
    },
    [createIcon(icon)],
  )
  button.addEventListener('click', act)
  return button
}

/** Only the grip drags, so that text in the row can be selected. @param {Element} grip @param {HTMLElement} row */
function allowDragBy(grip, row) {
  grip.addEventListener('pointerdown', () => (row.draggable = true))
  row.addEventListener('dragend', () => (row.draggable = false))
  row.addEventListener('pointerup', () => (row.draggable = false))
}
