import fc from 'fast-check'
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { describe, expect, it } from 'vitest'
import { fillPage } from '../../../src/report/page/fill-page.js'
import type { ReportData } from '../../../src/report/page/types.js'

const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '{{script}}',
    '{{data}}',
    '</title><img src=x>',
    '$&',
  ),
)

describe('fillPage', () => {
  it('keeps any text as data: the page has the same elements, and the same script, whatever names are in it', async () => {
    const plain = elementsOf((await fillPage(dataWith('a', 'b'), [], true)).join(''))
    const property = fc.asyncProperty(HOSTILE, HOSTILE, async (path, message) => {
      const data = dataWith(path, message)
      const found = elementsOf((await fillPage(data, [], true)).join(''))
      expect(found.map(({ name }) => name)).toEqual(plain.map(({ name }) => name))
      expect(found.filter(isProgram)).toEqual(plain.filter(isProgram))
      const block = found.find(({ id }) => id === 'data')
      expect(JSON.parse(block?.text ?? '')).toEqual(JSON.parse(JSON.stringify(data)))
    })
    await fc.assert(property, { numRuns: 100 })
  })

  it.each([
    [true, 'img-src data:;'],
    [false, "img-src data: file: 'self';"],
  ])(
    'allows pictures only (embedded: %s), and one script and one style by their hashes',
    async (isEmbedded, images) => {
      const page = (await fillPage(dataWith('a', 'b'), [], isEmbedded)).join('')
      const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'sha256-")
      expect(policy).toContain(images)
      expect(policy).not.toContain('unsafe')
    },
  )
})

function dataWith(path: string, message: string): ReportData {
  const error = { code: 'CORRUPT_IMAGE', message, retryable: false } as const
  return { title: path, tool: message, entries: [{ path, status: 'failed', error, outputs: [] }] }
}

interface FoundElement {
  readonly name: string
  readonly id: string | undefined
  readonly text: string
}

function isProgram({ name, id }: FoundElement): boolean {
  return (name === 'script' && id === undefined) || name === 'style'
}

function elementsOf(html: string): FoundElement[] {
  const visit = (node: DefaultTreeAdapterTypes.Node): FoundElement[] => {
    const children = 'childNodes' in node ? node.childNodes : []
    const below = children.flatMap(visit)
    if (!('tagName' in node)) return below
    const text = children.map((child) => ('value' in child ? child.value : '')).join('')
    return [{ name: node.tagName, id: node.attrs.find(({ name }) => name === 'id')?.value, text }, ...below]
  }
  return visit(parse(html))
}
