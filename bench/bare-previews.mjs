// The minimum work for thumbnails of previews: reads the headers, makes the JPEGs and writes them atomically, on two cores,
// without planning, checks or reports. The limit of workload 9 in `npm run bench`.
//
//   node bare-previews.mjs FOLDER OUT
import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { readBaseline } from '../dist/codec/parser/baseline.js'
import { writeDecodeRequest } from '../dist/codec/requests/decode-request.js'
import { writeEncodeRequest, writeResizeRequest } from '../dist/codec/requests/resize-request.js'
import { JPEG_PAGES, JPEG_WASM } from '../dist/codec/workers/wasm.generated.js'

const HEAD = 64 * 1024
const MOST = 100

function makeAll({ folder, out, names }) {
  const memory = new WebAssembly.Memory({ initial: JPEG_PAGES, maximum: JPEG_PAGES, shared: true })
  const code = new WebAssembly.Module(Buffer.from(JPEG_WASM, 'base64'))
  const wasm = new WebAssembly.Instance(code, { env: { memory } }).exports
  const bytes = new Uint8Array(memory.buffer)
  const head = Buffer.alloc(HEAD)
  for (const name of names) {
    readHead(join(folder, name), head)
    // The second JPEG in the file is the preview.
    const preview = head.subarray(head.indexOf('ffd8ff', 2, 'hex'))
    const size = writeDecodeRequest(bytes, preview, readBaseline(preview), 8)
    const factor = MOST / Math.max(size.width, size.height)
    const to = {
      width: Math.round(size.width * factor),
      height: Math.round(size.height * factor),
      orientation: 1,
      quality: 80,
      chromaSubsampling: '4:2:0',
    }
    writeResizeRequest(bytes, size, to)
    writeEncodeRequest(bytes, to)
    const start = wasm.transcode()
    if (start === 0) throw new Error(`${name} has no plain preview`)
    write(join(out, name), bytes.slice(start, wasm.outputEnd()))
  }
}

function readHead(path, head) {
  const file = openSync(path)
  readSync(file, head, 0, HEAD, 0)
  closeSync(file)
}

function write(path, data) {
  const draft = `${path}.tmp`
  const file = openSync(draft, 'wx')
  writeSync(file, data)
  closeSync(file)
  renameSync(draft, path)
}

if (isMainThread) {
  const [folder, out] = process.argv.slice(2)
  mkdirSync(out, { recursive: true })
  const names = readdirSync(folder)
  const half = Math.ceil(names.length / 2)
  const theirs = { folder, out, names: names.slice(half) }
  const other = new Worker(new URL(import.meta.url), { workerData: theirs })
  other.once('error', (error) => {
    throw error
  })
  makeAll({ folder, out, names: names.slice(0, half) })
} else makeAll(workerData)
