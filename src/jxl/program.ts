/*
 * Program of the worker threads. It is a string because Node 20 starts workers only from JavaScript files, and such a file
 * would be at different places in src/ and dist/. The path of the package is resolved outside, because the worker would look
 * for it in the working directory.
 *
 * libvips writes warnings to stderr unless VIPS_WARNING is set. Its cache would keep every picture.
 */
export const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')

const silent = () => {}
const starting = require(workerData.module)({
  dynamicLibraries: ['vips-jxl.wasm'],
  print: silent,
  printErr: silent,
  preRun: (module) => { module.ENV.VIPS_WARNING = '1' },
}).then((vips) => {
  vips.Cache.max(0)
  vips.concurrency(workerData.threads)
  return vips
})

// Every image has to be deleted: memory of WebAssembly is not collected.
function withImages(work) {
  const made = []
  const own = (image) => {
    made.push(image)
    return image
  }
  try {
    return work(own)
  } finally {
    for (const image of made) image.delete()
  }
}

const numberOf = (image, name, fallback) => (image.getTypeof(name) ? image.getInt(name) : fallback)

function readTimeline(image) {
  const pages = numberOf(image, 'n-pages', 1)
  if (pages < 2) return undefined
  const delay = image.getTypeof('delay') ? image.getArrayInt('delay') : []
  return { pages, delay: [...delay], loop: numberOf(image, 'loop', 0) }
}

const load = (vips, bytes, n, failOn) =>
  vips.Image.jxlloadBuffer(bytes, { n, fail_on: failOn })

const tasks = {
  timeline: (vips, { bytes }) => withImages((own) => ({ timeline: readTimeline(own(load(vips, bytes, 1, 'none'))) })),

  decode: (vips, { bytes, pages, failOn }) => withImages((own) => {
    let image = own(load(vips, bytes, pages, failOn))
    const timeline = pages > 1 ? readTimeline(image) : undefined
    const icc = image.getTypeof('icc-profile-data') ? Uint8Array.from(image.getBlob('icc-profile-data')) : undefined
    // Samples of floating point are from 0 to 1.
    if (image.format === 'float') image = own(own(own(image.linear(65535, 0.5)).copy({ interpretation: 'rgb16' })).cast('ushort'))
    const frames = timeline === undefined ? 1 : timeline.pages
    const { width, height, bands: channels } = image
    const data = image.writeToMemory()
    return { width, height: height / frames, channels, data: data.slice(), icc, timeline }
  }),

  encode: (vips, { pixels, options }) => withImages((own) => {
    const { width, height, channels, data, icc, timeline } = pixels
    const isDeep = data instanceof Uint16Array
    const rows = data.length / width / channels
    const raw = own(vips.Image.newFromMemory(data, width, rows, channels, isDeep ? 'ushort' : 'uchar'))
    const interpretation = channels < 3 ? (isDeep ? 'grey16' : 'b-w') : (isDeep ? 'rgb16' : 'srgb')
    const image = own(raw.copy({ interpretation }))
    if (icc !== undefined) image.setBlob('icc-profile-data', icc)
    if (timeline !== undefined) {
      image.setInt('page-height', height)
      image.setInt('loop', timeline.loop)
      image.setArrayInt('delay', timeline.delay)
    }
    return { file: Uint8Array.from(image.jxlsaveBuffer({ ...options, keep: 'icc' })), pixels: width * rows }
  }),
}

// Messages of libvips are lists: the kind of error, and the lines.
const describe = (error) => String(error && error.message !== undefined ? error.message : error)

parentPort.on('message', async ({ task, ...request }) => {
  try {
    const answer = tasks[task](await starting, request)
    const bytes = answer.data ?? answer.file
    parentPort.postMessage(answer, bytes === undefined ? [] : [bytes.buffer])
  } catch (error) {
    parentPort.postMessage({ failed: describe(error) })
  }
})
`
