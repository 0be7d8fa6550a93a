import { create, element } from './elements.js'
import { createRow } from './step-row.js'

/**
 * @typedef {import('./flatten-steps.js').PageSettings} PageSettings
 * @typedef {import('./flatten-steps.js').Step} Step
 * @typedef {import('./step-row.js').ListedStep} ListedStep
 */

/** Operations that are offered as buttons; all are in the list. */
const QUICK = ['thumbnail', 'resize', 'crop', 'rotate', 'grayscale', 'sharpen', 'format']

/**
 * The list of steps.
 *
 * @typedef {object} StepList
 * @property {() => readonly Step[]} steps
 * @property {(message: string) => void} showError marks the step that a message of the server begins with
 * @property {() => void} clearErrors
 */

/**
 * Creates the list of steps.
 *
 * @param {PageSettings} settings
 * @param {() => void} onChange
 * @returns {StepList}
 */
export function createStepList(settings, onChange) {
  const list = element('steps', HTMLOListElement)
  const status = element('steps-status', HTMLElement)
  /** @type {ListedStep[]} */
  let steps = []
  let lastId = 0
  /** @type {number | undefined} */
  let dragged

  /** @param {'preset' | 'operation'} kind @param {string} name */
  function add(kind, name) {
    const operation = settings.operations.find((one) => one.name === name)
    const step = { id: ++lastId, kind, name, value: kind === 'preset' ? '' : (operation?.example ?? 'true') }
    steps = [...steps, step]
    draw()
    const input = list.querySelector(`[data-id="${step.id}"] input`)
    if (input instanceof HTMLInputElement) input.select()
    status.textContent = `${name} added as step ${steps.length}.`
    onChange()
  }

  /** @param {number} id @param {number} to index among the others */
  function place(id, to) {
    const step = steps.find((one) => one.id === id)
    const others = steps.filter((one) => one.id !== id)
    if (step === undefined || to < 0 || to > others.length) return
    steps = others.toSpliced(to, 0, step)
    draw()
    status.textContent = `${step.name} is now step ${to + 1} of ${steps.length}.`
    onChange()
  }

  /** @param {ListedStep} step @param {-1 | 1} by */
  function move(step, by) {
    place(step.id, steps.indexOf(step) + by)
    const row = list.querySelector(`[data-id="${step.id}"]`)
    const action = by < 0 ? 'up' : 'down'
    const button =
      row?.querySelector(`[data-action="${action}"]:enabled`) ?? row?.querySelector('[data-action]:enabled')
    if (button instanceof HTMLElement) button.focus()
  }

  /** @param {ListedStep} step */
  function remove(step) {
    const index = steps.indexOf(step)
    steps = steps.filter((one) => one !== step)
    draw()
    const next = list.children[Math.min(index, steps.length - 1)]?.querySelector('[data-action="remove"]')
    const focused = next ?? element('add', HTMLSelectElement)
    if (focused instanceof HTMLElement) focused.focus()
    status.textContent = `${step.name} removed.`
    onChange()
  }

  function draw() {
    const rows = steps.map((step, index) =>
      createRow(step, { isFirst: index === 0, isLast: index === steps.length - 1 }, settings, {
        change: (value) => {
          step.value = value
          onChange()
        },
        move: (by) => move(step, by),
        remove: () => remove(step),
      }),
    )
    list.replaceChildren(...rows)
    element('steps-empty', HTMLElement).hidden = steps.length > 0
  }

  list.addEventListener('dragstart', ({ target, dataTransfer }) => {
    if (!(target instanceof HTMLElement)) return
    dragged = Number(target.dataset.id)
    target.classList.add('dragged')
    if (dataTransfer === null) return
    dataTransfer.effectAllowed = 'move'
    // Firefox drags nothing without data.
    dataTransfer.setData('text/plain', '')
  })
  list.addEventListener('dragover', (event) => {
    if (dragged === undefined) return
    event.preventDefault()
    // The row itself moves along, which shows the new place.
    const row = list.querySelector('.dragged')
    const below = [...list.children].find((other) => other !== row && isAbove(event.clientY, other))
    if (row !== null) list.insertBefore(row, below ?? null)
  })
  list.addEventListener('drop', (event) => event.preventDefault())
  list.addEventListener('dragend', () => {
    const row = list.querySelector('.dragged')
    if (dragged !== undefined && row !== null) place(dragged, [...list.children].indexOf(row))
    dragged = undefined
  })

  offerSteps(settings, add)
  return {
    steps: () => steps,
    showError(message) {
      const named = steps.filter(({ name }) => message.startsWith(`${name}:`))
      for (const { id } of named) {
        const error = element(`error-${id}`, HTMLElement)
        error.textContent = message
        error.hidden = false
        list.querySelector(`[data-id="${id}"] input`)?.setAttribute('aria-invalid', 'true')
      }
    },
    clearErrors() {
      for (const error of list.querySelectorAll('.step-error')) error.toggleAttribute('hidden', true)
      for (const input of list.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
    },
  }
}

/** @param {number} y @param {Element} row */
function isAbove(y, row) {
  const { top, height } = row.getBoundingClientRect()
  return y < top + height / 2
}

/**
 * Fills the buttons and the list of everything that can be added.
 *
 * @param {PageSettings} settings
 * @param {(kind: 'preset' | 'operation', name: string) => void} add
 */
function offerSteps({ operations, presets }, add) {
  const select = element('add', HTMLSelectElement)
  const options = (/** @type {string} */ kind, /** @type {readonly { name: string }[]} */ items) =>
    items.map(({ name }) => create('option', { value: `${kind} ${name}` }, [name]))
  const groups = [
    {
      label: 'Operations',
      items: options(
        'operation',
        operations.filter(({ kind }) => kind === 'pixels'),
      ),
    },
    {
      label: 'Settings',
      items: options(
        'operation',
        operations.filter(({ kind }) => kind === 'setting'),
      ),
    },
    { label: 'Presets', items: options('preset', presets) },
  ]
  select.replaceChildren(
    ...groups
      .filter(({ items }) => items.length > 0)
      .map(({ label, items }) => create('optgroup', { label }, items)),
  )
  element('add-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const [kind, name = ''] = select.value.split(' ')
    add(kind === 'preset' ? 'preset' : 'operation', name)
  })
  const known = operations.map(({ name }) => name)
  const quick =
    known.length === 0 ? presets.map(({ name }) => name) : QUICK.filter((name) => known.includes(name))
  const kind = known.length === 0 ? 'preset' : 'operation'
  for (const name of quick) {
    const chip = create('button', { type: 'button', class: 'chip' }, [name])
    chip.addEventListener('click', () => add(kind, name))
    element('quick', HTMLElement).append(chip)
  }
}
