import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { listPages, pageUrl } from '../../scripts/docs.js'
import { anchorOf } from '../../scripts/markdown.js'

const pages = await listPages()

describe('links in README.md and docs/', () => {
  it.each(pages)('lead to files and headings that exist: %s', async (page) => {
    const broken: string[] = []
    for (const target of linksOf(await readFile(pageUrl(page), 'utf8'))) {
      if (!(await leadsSomewhere(target, page))) broken.push(target)
    }
    expect(broken).toEqual([])
  })
})

describe('the package on npm', () => {
  it.each(pages)('has every file that this page links to: %s', async (page) => {
    const { files } = JSON.parse(await readFile(pageUrl('package.json'), 'utf8')) as { files: string[] } // our own file
    const packed = [...files, 'README.md', 'LICENSE', 'package.json'].map((name) => pageUrl(name).href)
    const isPacked = (href: string) => packed.some((name) => href === name || href.startsWith(`${name}/`))
    expect(isPacked(pageUrl(page).href)).toBe(true)
    const targets = linksOf(await readFile(pageUrl(page), 'utf8')).filter((target) => !target.startsWith('#'))
    const missing = targets.filter((target) => !isPacked(new URL(target.split('#')[0]!, pageUrl(page)).href))
    expect(missing).toEqual([])
  })
})

describe('anchorOf', () => {
  it.each([
    ['Quality and file size', 'quality-and-file-size'],
    ['`quality: auto`', 'quality-auto'],
    ['format jpeg', 'format-jpeg'],
    ['Flags of thumbs, run and check', 'flags-of-thumbs-run-and-check'],
  ])('makes of "%s" the anchor that GitHub makes', (heading, anchor) => {
    expect(anchorOf(heading)).toBe(anchor)
  })
})

/** Returns relative links and images. Code blocks have none. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

async function leadsSomewhere(target: string, page: string): Promise<boolean> {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? pageUrl(page) : new URL(path, pageUrl(page))
  if ((await stat(file).catch(() => undefined)) === undefined) return false
  return anchor === undefined || anchorsOf(await readFile(file, 'utf8')).has(anchor)
}

/** Returns the anchors of a page. Like GitHub, it numbers headings that occur again. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)) {
    const anchor = anchorOf(heading)
    let count = 1
    let own = anchor
    while (anchors.has(own)) own = `${anchor}-${count++}`
    anchors.add(own)
  }
  return anchors
}
