import { readFile, symlink, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transformWithOxc } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  blocksOf,
  fileOf,
  openDocumentProject,
  type Block,
  type DocumentProject,
} from '../support/documents.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = {
  vite: ['vite', 'bin/vite.js'],
  eleventy: ['@11ty/eleventy', 'cmd.cjs'],
} as const

const text = await readFile(join(ROOT, 'docs/build-tools.md'), 'utf8')
/** The blocks of each section. Vite and Eleventy use the config of the introduction. */
const sections = new Map(
  text.split(/^## /m).map((part, at) => [at === 0 ? 'Start' : part.split('\n')[0], blocksOf(part)]),
)
const blocksIn = (name: string): readonly Block[] => sections.get(name) ?? []

let project: DocumentProject

/** Saves the files of a section and runs its commands, in order. */
async function follow(name: string): Promise<void> {
  for (const block of blocksIn(name)) {
    const file = fileOf(block)
    if (file !== undefined) await project.save(file, block.code)
    else if (block.language === 'sh' && !block.code.startsWith('npm install')) await project.shell(block.code)
    else if (block.language === 'json') JSON.parse(block.code)
    else if (block.language === 'jsx') await transformWithOxc(block.code, 'block.jsx')
  }
}

async function openProject(): Promise<void> {
  project = await openDocumentProject()
  for (const [name, [folder, command]] of Object.entries(PACKAGES)) {
    const link = join(project.folder, 'node_modules', folder)
    await mkdir(join(link, '..'), { recursive: true })
    await symlink(join(ROOT, 'node_modules', folder), link)
    await symlink(join('..', folder, command), join(project.folder, 'node_modules/.bin', name))
  }
}

describe('docs/build-tools.md', () => {
  describe('Vite and Eleventy', () => {
    beforeAll(async () => {
      await openProject()
      await follow('Start')
    })
    afterAll(() => project.remove())

    it('builds the page of Vite', async () => {
      await follow('Vite')
      const built = await project.shell('ls dist/assets')
      expect(built.match(/^landscape\.hero-\d+w-.*/gm)).toHaveLength(4)
    })

    it('builds the page of Eleventy', async () => {
      await follow('Eleventy')
      const html = await readFile(join(project.folder, '_site/index.html'), 'utf8')
      expect(html.match(/<picture>/g)).toHaveLength(4)
      expect(html.match(/ src="\/img\/photos\/landscape\.(?:hero|tiny)[^"]*/g)).toHaveLength(4)
    })
  })

  describe('Next.js', () => {
    beforeAll(async () => {
      await openProject()
      await follow('Next.js')
    })
    afterAll(() => project.remove())

    it('has a loader that gives the next larger output, and the largest above', async () => {
      const url = pathToFileURL(join(project.folder, 'image-loader.js')).href
      const { default: load } = (await import(url)) as {
        default: (image: { src: string; width: number }) => string
      }
      const widths = [100, 320, 384, 1200]
      expect(widths.map((width) => load({ src: 'photos/landscape.jpg', width }))).toEqual([
        '/img/landscape.page-320w.webp',
        '/img/landscape.page-320w.webp',
        '/img/landscape.page-640w.webp',
        '/img/landscape.page-800w.webp',
      ])
      expect(() => load({ src: 'photos/none.jpg', width: 100 })).toThrow('npm run prebuild')
    })
  })
})
