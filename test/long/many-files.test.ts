import { readdirSync, readFileSync } from 'node:fs'
import { link, mkdir } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { BIN, imgproc, shell } from '../cli/command.js'
import { makeProject } from '../support/project.js'

const COUNT = 3000

/** Number of tiny inputs. Set the environment variable `INPUTS` for more. */
const INPUTS = Number(process.env['INPUTS'] ?? 20_000)
const MEGABYTE = 1e6

describe.runIf(process.platform === 'linux')('a run of tens of thousands of tiny files', () => {
  it('takes no more memory and no more open files in its second half, and lists all outputs', async () => {
    const project = await makeProject()
    const pixel = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
      .png()
      .toBuffer()
    for (let index = 0; index < INPUTS; index++) {
      // A file has a limited number of links.
      if (index % 10_000 === 0) await project.write(`photos/${Math.floor(index / 1000)}/${index}.png`, pixel)
      else {
        const first = index - (index % 10_000)
        await mkdir(project.at(`photos/${Math.floor(index / 1000)}`), { recursive: true })
        await link(
          project.at(`photos/${Math.floor(first / 1000)}/${first}.png`),
          project.at(`photos/${Math.floor(index / 1000)}/${index}.png`),
        )
      }
    }
    const samples: { done: number; rss: number; files: number }[] = []
    const args = ['thumbs', 'photos', '--workers', '0', '-j', '2', '--quiet', '--json']
    const { code } = await imgproc(project, args, {
      env: { MALLOC_ARENA_MAX: '2' },
      started(child) {
        let done = 0
        child.stdout?.on('data', (data: Buffer) => {
          const before = done
          done += data.toString().split('\n').length - 1
          if (Math.floor(before / 1000) < Math.floor(done / 1000))
            samples.push({ done, ...measureProcess(child.pid ?? 0) })
        })
      },
    })
    expect(code).toBe(0)
    const { entries } = await readManifest(project.at('thumbs/manifest.json'))
    expect(entries).toHaveLength(INPUTS)
    const firstHalf = samples.filter(({ done }) => done <= INPUTS / 2 && done > INPUTS / 10)
    const secondHalf = samples.filter(({ done }) => done > INPUTS / 2 && done < INPUTS)
    const most = (key: 'rss' | 'files', half: typeof samples) => Math.max(...half.map((one) => one[key]))
    console.log(
      `${INPUTS} inputs: ${(most('rss', firstHalf) / MEGABYTE).toFixed(0)} MB, then ${(most('rss', secondHalf) / MEGABYTE).toFixed(0)} MB; ${most('files', firstHalf)}, then ${most('files', secondHalf)} open files`,
    )
    expect(most('rss', secondHalf)).toBeLessThan(most('rss', firstHalf) + 50 * MEGABYTE)
    expect(most('files', secondHalf)).toBeLessThan(most('files', firstHalf) + 16)
  }, 3_600_000)
})

/** Returns the resident memory of a process in bytes, and the number of its open files. */
function measureProcess(pid: number): { rss: number; files: number } {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return { rss: pages * 4096, files: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return { rss: 0, files: 0 }
  }
}

describe.runIf(process.platform !== 'win32')('a run of thousands of files', () => {
  it('succeeds with a limit of 256 open files', async () => {
    const project = await makeProject()
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
    const image = sharp({ create: { width: 64, height: 48, channels: 3, background: 'grey', noise } })
    await project.write('photos/0.jpg', await image.jpeg().toBuffer())
    for (let index = 1; index < COUNT; index++)
      await link(project.at('photos/0.jpg'), project.at(`photos/${index}.jpg`))

    const command = `"${process.execPath}" "${BIN}" thumbs photos --quiet`
    const ended = await shell(project, `ulimit -n 256; exec ${command}`)
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(await project.files('thumbs')).toHaveLength(COUNT + 1)
  })
})
