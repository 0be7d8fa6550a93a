import { element } from './elements.js'
import { makesSeveral, resultName, resultPath, toCommand, toConfig, toCurl } from './export-lines.js'
import { createExportPanel } from './export-panel.js'
import { acceptPictures } from './picture-input.js'
import { clearPicture, markBusy, showPicture, showSaving } from './preview.js'
import { ask, hasToken, keepToken, ServerError, upload, urlOf } from './server.js'
import { createStepList } from './step-list.js'

/** @typedef {import('./export-lines.js').Picture} Picture */

/** Milliseconds without a change, after which a picture is made. */
const PAUSE = 350
/** Longest side of the picture that stands for one that browsers do not show. */
const STAND_IN = 'thumbnail=1200'

/** @type {import('./flatten-steps.js').PageSettings} */
const settings = JSON.parse(element('settings', HTMLScriptElement).textContent ?? '{}')

/** @type {Picture | undefined} */
let picture
/** Bytes of the picture. @type {number | undefined} */
let bytesBefore
let work = new AbortController()
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer
/** The action that lacked a token. @type {() => void} */
let again = () => {}

const showExports = createExportPanel()
const list = createStepList(settings, () => {
  clearTimeout(timer)
  timer = setTimeout(() => run(make), PAUSE)
  describe()
})
acceptPictures(settings.sources, {
  upload: (file) => run((signal) => begin(file, signal)),
  open: (path) => run((signal) => open(path, signal)),
})
element('token-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  keepToken(element('token', HTMLInputElement).value.trim())
  element('token', HTMLInputElement).value = ''
  element('token-form', HTMLFormElement).hidden = true
  again()
})
describe()

/**
 * Runs one action at a time: another replaces it.
 *
 * @param {(signal: AbortSignal) => Promise<void>} action
 */
function run(action) {
  clearTimeout(timer)
  work.abort()
  work = new AbortController()
  const { signal } = work
  showProblem(undefined)
  list.clearErrors()
  action(signal).catch((error) => {
    if (signal.aborted) return
    markBusy(false)
    setStatus('')
    if (error instanceof ServerError && error.status === 401) askForToken(() => run(action))
    showProblem(error instanceof Error ? error.message : String(error))
  })
}

/** @param {File} file @param {AbortSignal} signal */
async function begin(file, signal) {
  setStatus(`Uploading ${file.name} …`)
  const { id, filename, original } = await upload(file, signal)
  setStatus(filename)
  picture = { kind: 'upload', id, name: filename, format: original.format }
  bytesBefore = original.bytes
  const isShown = await canShow(file)
  const blob = isShown ? file : await standIn(picture, signal)
  const size = isShown ? {} : { size: original }
  const type = original.format.toUpperCase()
  await showPicture('before', { blob, name: filename, type, bytes: original.bytes, ...size })
  describe()
  await make(signal)
}

/** @param {string} path @param {AbortSignal} signal */
async function open(path, signal) {
  setStatus('Opening …')
  const name = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
  const next = /** @type {Picture} */ ({ kind: 'source', path, name })
  if (settings.onlyPresets) {
    bytesBefore = undefined
    clearPicture('before', 'This server shows presets only.')
  } else {
    const blob = await (await ask(urlOf(path), { signal })).blob()
    bytesBefore = blob.size
    picture = next
    await showPicture('before', { blob, name })
  }
  picture = next
  setStatus(name)
  describe()
  await make(signal)
}

/** Makes the picture with the steps, and shows it. @param {AbortSignal} signal */
async function make(signal) {
  if (picture === undefined) return
  const steps = list.steps()
  if (settings.onlyPresets && steps.length === 0) return clearPicture('after', 'Add a preset.')
  markBusy(true)
  try {
    const response = await ask(urlOf(resultPath(picture, steps, settings)), { signal })
    const blob = await response.blob()
    const name = resultName(picture.name, steps, settings)
    const { width, height, bytes } = await showPicture('after', { blob, name })
    showSaving(bytesBefore, bytes)
    element('result-status', HTMLElement).textContent = `Made: ${width} by ${height} pixels, ${bytes} bytes.`
    markBusy(false)
  } catch (error) {
    if (!signal.aborted) {
      if (error instanceof Error) list.showError(error.message)
      // The picture of earlier steps would look like the result of these.
      clearPicture('after', 'No picture')
      showSaving(undefined, undefined)
    }
    throw error
  }
}

/** Shows the URL, the commands and the config of the steps. */
function describe() {
  if (picture === undefined) return
  const steps = list.steps()
  const url = urlOf(resultPath(picture, steps, settings))
  const isUpload = picture.kind === 'upload'
  const life = isUpload ? 'Works until the upload is deleted, an hour after it arrived.' : ''
  const token = hasToken() ? 'Without the token, it has to be signed: see imgproc sign.' : ''
  const notes = [life, token].filter((note) => note !== '').join(' ')
  showExports({
    url: { text: url, note: notes },
    curl: { text: toCurl(url, resultName(picture.name, steps, settings), hasToken()), note: life },
    command: {
      text: toCommand(picture.name, steps, settings),
      note: makesSeveral(steps, settings)
        ? 'Makes all widths and formats of the preset, of the file on your machine.'
        : 'Makes the same picture of the file on your machine.',
    },
    config: {
      text: toConfig(steps, settings),
      note: 'For imgproc.config.json. Then: imgproc run photos --preset mine, or ?preset=mine.',
    },
  })
}

/** @param {Picture} of @param {AbortSignal} signal */
async function standIn(of, signal) {
  const id = of.kind === 'upload' ? of.id : ''
  const response = await ask(urlOf(`v1/images/${id}.png?${STAND_IN}`), { signal }).catch(() => undefined)
  return response?.blob() ?? new Blob()
}

/** @param {Blob} blob */
async function canShow(blob) {
  const url = URL.createObjectURL(blob)
  const image = new Image()
  image.src = url
  const isShown = await image.decode().then(
    () => true,
    () => false,
  )
  URL.revokeObjectURL(url)
  return isShown
}

/** @param {() => void} action to run with the token */
function askForToken(action) {
  again = action
  element('token-form', HTMLFormElement).hidden = false
  element('token', HTMLInputElement).focus()
}

/** @param {string} text */
function setStatus(text) {
  element('picture-status', HTMLElement).textContent = text
}

/** @param {string | undefined} message */
function showProblem(message) {
  const problem = element('problem', HTMLElement)
  problem.textContent = message ?? ''
  problem.hidden = message === undefined
}
