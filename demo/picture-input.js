import { create, element } from './elements.js'

/**
 * @typedef {object} PictureActions
 * @property {(file: File) => void} upload
 * @property {(path: string) => void} open of a file of a source, without a slash at its begin
 */

/**
 * Lets the user choose a picture: by a dialog, by dropping or pasting it, or by its path in a source.
 *
 * @param {readonly string[]} sources
 * @param {PictureActions} actions
 */
export function acceptPictures(sources, actions) {
  const input = element('file', HTMLInputElement)
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file !== undefined) actions.upload(file)
    // The same file can be chosen again, when it has changed.
    input.value = ''
  })
  acceptDrops(actions)
  document.addEventListener('paste', ({ clipboardData }) => {
    const [file] = clipboardData?.files ?? []
    if (file !== undefined) actions.upload(file)
  })
  if (sources.length > 0) acceptPaths(sources, actions)
}

/** Takes files that are dropped anywhere on the page: beside the field, the browser would open them. @param {PictureActions} actions */
function acceptDrops({ upload }) {
  const field = element('drop', HTMLElement)
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') === true
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    field.classList.add('over')
  })
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) field.classList.remove('over')
  })
  document.addEventListener('drop', (event) => {
    field.classList.remove('over')
    if (!hasFiles(event)) return
    event.preventDefault()
    const [file] = event.dataTransfer?.files ?? []
    if (file !== undefined) upload(file)
  })
}

/**
 * @param {readonly string[]} sources
 * @param {PictureActions} actions
 */
function acceptPaths(sources, { open }) {
  const form = element('source-form', HTMLFormElement)
  const source = element('source', HTMLSelectElement)
  source.append(...sources.map((name) => create('option', { value: name }, [name])))
  form.hidden = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const path = element('path', HTMLInputElement).value.trim().replace(/^\/+/, '')
    if (path !== '') open([source.value, ...path.split('/')].map(encodeURIComponent).join('/'))
  })
}
