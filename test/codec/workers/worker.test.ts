import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeIn } from '../../../src/codec/workers/calls.js'
import { startWorker } from '../../../src/codec/workers/worker.js'
import { makePicture } from '../../support/pictures.js'

const INDEX = fileURLToPath(new URL('../../../dist/index.js', import.meta.url))

describe('codec worker', () => {
  it('answers many requests in both slots, each with its own pixels', async () => {
    const slots = await startWorker()
    const pictures = await Promise.all(
      [64, 200, 480].map(async (width) =>
        sharp(await makePicture('rgb', width, 90))
          .jpeg()
          .toBuffer(),
      ),
    )
    const widths = async (slot: number) => {
      const found = []
      for (let at = 0; at < 60; at++) {
        const bytes = pictures[(at + slot) % pictures.length]!
        const decoded = await decodeIn(slots[slot]!, { bytes, scaleDenominator: 1 })
        found.push([decoded?.width, decoded?.bytes.length])
      }
      return found
    }
    const all = await Promise.all([widths(0), widths(1)])
    for (const [slot, found] of all.entries())
      for (const [at, one] of found.entries()) {
        const width = [64, 200, 480][(at + slot) % 3]!
        expect(one).toEqual([width, width * 90 * 3])
      }
    await slots[0]!.worker.terminate()
  })

  it('ends while it sleeps', async () => {
    const [slot] = await startWorker()
    const exit = once(slot!.worker, 'exit')
    await slot!.worker.terminate()
    await exit
    expect(slot!.worker.threadId).toBe(-1)
  })

  it('keeps no process alive while it sleeps', async () => {
    const script = `
      import sharp from 'sharp'
      import { transform } from ${JSON.stringify(INDEX)}
      const picture = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'teal' } }).jpeg({ quality: 100 }).toBuffer()
      for (let at = 0; at < 40; at++) await transform(picture, [{ thumbnail: 100 }])
      console.log('made')`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { cwd: fileURLToPath(new URL('../../..', import.meta.url)) },
    )
    expect(stdout).toBe('made\n')
  })
})
