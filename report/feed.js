/** Rows that are kept ready above and below the visible ones. */
const OVERSCAN = 3
/** Up to so many rows are all in the page, so that it can be searched and printed as a whole. */
const MAX_WHOLE = 100
/** Keys that move the focus from row to row, as in every feed. */
const STEPS = new Map([
  ['PageDown', 1],
  ['PageUp', -1],
])

/**
 * Creates a list of rows of equal height, of which only those near the window are in the page. Returns the function that
 * shows items.
 *
 * @template T
 * @param {HTMLElement} root
 * @param {(item: T, position: number, count: number) => HTMLElement} createRow
 */
export function createFeed(root, createRow) {
  /** @type {readonly T[]} */
  let items = []
  /** @type {Map<number, HTMLElement>} */
  const rows = new Map()
  let rowHeight = 0
  let isPlanned = false

  /** Reads the height of rows, which depends on the width of the window. */
  const measure = () => {
    const height = Number.parseFloat(getComputedStyle(root).getPropertyValue('--row'))
    root.style.height = `${height * items.length}px`
    if (height === rowHeight) return
    rowHeight = height
    for (const [index, row] of rows) place(row, index)
  }
  const place = (/** @type {HTMLElement} */ row, /** @type {number} */ index) => {
    row.style.transform = `translateY(${index * rowHeight}px)`
  }
  const add = (/** @type {number} */ index) => {
    const item = items[index]
    if (item === undefined || rows.has(index)) return
    const row = createRow(item, index + 1, items.length)
    place(row, index)
    row.dataset.index = String(index)
    // In the order of the list, in which the keyboard and screen readers go through it.
    const next = [...rows.keys()].filter((other) => other > index)
    root.insertBefore(row, rows.get(Math.min(...next)) ?? null)
    rows.set(index, row)
  }
  const update = () => {
    measure()
    const top = -root.getBoundingClientRect().top
    const isWhole = items.length <= MAX_WHOLE
    const first = isWhole ? 0 : Math.max(0, Math.floor(top / rowHeight) - OVERSCAN)
    const bottom = Math.ceil((top + innerHeight) / rowHeight) + OVERSCAN
    const last = isWhole ? items.length : Math.min(items.length, bottom)
    for (const [index, row] of rows) {
      // A row that has the focus stays, since the focus would be lost with it.
      if ((index >= first && index < last) || row.contains(document.activeElement)) continue
      row.remove()
      rows.delete(index)
    }
    for (let index = first; index < last; index++) add(index)
  }
  /** Updates at most once a frame. */
  const plan = () => {
    if (isPlanned) return
    isPlanned = true
    requestAnimationFrame(() => {
      isPlanned = false
      update()
    })
  }
  const moveFocus = (/** @type {KeyboardEvent} */ event) => {
    const step = STEPS.get(event.key)
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null
    if (step === undefined || !(row instanceof HTMLElement)) return
    event.preventDefault()
    const index = Number(row.dataset.index) + step
    add(index)
    const next = rows.get(index)
    next?.focus({ preventScroll: true })
    next?.scrollIntoView({ block: 'nearest' })
  }
  addEventListener('scroll', plan, { passive: true })
  addEventListener('resize', plan)
  root.addEventListener('keydown', moveFocus)
  return (/** @type {readonly T[]} */ shown) => {
    items = shown
    rows.clear()
    root.replaceChildren()
    update()
  }
}
