import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { pageUrl } from '../../scripts/docs.js'
import { ERRORS } from '../../src/errors.js'

const page = await readFile(pageUrl('docs/troubleshooting.md'), 'utf8')
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ code: section.split('\n', 1)[0] ?? '', text: section }))

describe('docs/troubleshooting.md', () => {
  it('has one section for each error code, and no other', () => {
    expect(sections.map(({ code }) => code).toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  })

  it.each(sections)('says of $code what it means, its causes and what to do', ({ text }) => {
    expect(text).toMatch(/^\w+\n\n[A-Z`][^-|#]*\.[^]*\n\n- \S[^]*[:.]/)
  })
})
