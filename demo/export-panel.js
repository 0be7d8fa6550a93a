import { create, element } from './elements.js'

/**
 * Texts to take along, by the key of their tab.
 *
 * @typedef {Readonly<Record<'url' | 'curl' | 'command' | 'config', { text: string, note: string }>>} Exports
 */

const TABS = /** @type {const} */ ([
  ['url', 'URL'],
  ['curl', 'curl'],
  ['command', 'Command'],
  ['config', 'Config'],
])

/**
 * Creates the panel with the URL, the commands and the config.
 *
 * @returns {(exports: Exports) => void} shows other texts
 */
export function createExportPanel() {
  const panel = element('take', HTMLElement)
  const copy = element('copy', HTMLButtonElement)
  /** @type {Exports | undefined} */
  let exports
  /** @type {keyof Exports} */
  let current = 'url'
  const tabs = TABS.map(([key, label]) => {
    const tab = create('button', { type: 'button', role: 'tab', id: `tab-${key}`, 'aria-controls': 'take' }, [
      label,
    ])
    tab.addEventListener('click', () => choose(key))
    return tab
  })
  element('tabs', HTMLElement).append(...tabs)
  element('tabs', HTMLElement).addEventListener('keydown', (event) => {
    const index = TABS.findIndex(([key]) => key === current)
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key]
    const next = to === undefined ? undefined : TABS.at(to % TABS.length)
    if (next === undefined) return
    event.preventDefault()
    choose(next[0])
    document.getElementById(`tab-${current}`)?.focus()
  })
  copy.addEventListener('click', () => void copyText(element('take-text', HTMLElement), copy))

  /** @param {keyof Exports} key */
  function choose(key) {
    current = key
    for (const tab of tabs) {
      const isChosen = tab.id === `tab-${key}`
      tab.setAttribute('aria-selected', String(isChosen))
      // Arrow keys go on from tab to tab.
      tab.tabIndex = isChosen ? 0 : -1
    }
    panel.setAttribute('aria-labelledby', `tab-${key}`)
    draw()
  }

  function draw() {
    const shown = exports?.[current]
    element('take-text', HTMLElement).textContent = shown?.text ?? 'Choose a picture first.'
    element('take-note', HTMLElement).textContent = shown?.note ?? ''
    copy.disabled = shown === undefined
  }

  choose(current)
  return (texts) => {
    exports = texts
    draw()
  }
}

const DONE_TIME = 1500

/** @param {HTMLElement} source @param {HTMLButtonElement} button */
async function copyText(source, button) {
  // Browsers have no clipboard for pages without TLS: then the text is selected, for the user to copy.
  const isDone = await writeClipboard(source.textContent ?? '')
  if (!isDone) getSelection()?.selectAllChildren(source)
  const message = isDone ? 'Copied' : 'Selected: copy it by Ctrl+C'
  button.textContent = isDone ? 'Copied' : 'Selected'
  element('copy-status', HTMLElement).textContent = message
  setTimeout(() => {
    button.textContent = 'Copy'
    element('copy-status', HTMLElement).textContent = ''
  }, DONE_TIME)
}

/**
 * Returns false if the browser refuses.
 *
 * @param {string} text
 */
async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
