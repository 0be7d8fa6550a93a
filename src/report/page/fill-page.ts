import { readFile } from 'node:fs/promises'
import { PACKAGE_ROOT } from '../../utils/package-root.js'
import type { ReportData } from './types.js'

/** Written by the build, with the page's style and script in it, and their hashes in its policy. */
const TEMPLATE = new URL('dist/bundle/report.html', PACKAGE_ROOT)

/** A page as parts, which together may be longer than a string can be. */
export type PageParts = readonly string[]

/**
 * Fills data and pictures into the page. All texts stand in blocks of data, which are no scripts and no HTML.
 *
 * @param isEmbedded true if the page holds its pictures; then its policy allows no others.
 */
export async function fillPage(
  data: ReportData,
  blocks: readonly string[],
  isEmbedded: boolean,
): Promise<PageParts> {
  const template = await readFile(TEMPLATE, 'utf8')
  const values: Readonly<Record<string, PageParts>> = {
    title: [escapeHtml(`imgproc ${data.title}`)],
    images: [isEmbedded ? 'data:' : "data: file: 'self'"],
    // `</script>` in a text would end the block.
    data: [JSON.stringify(data).replaceAll('<', String.raw`\u003c`)],
    blocks: blocks.map((url, index) => `<script id="picture-${index}" type="text/plain">${url}</script>\n`),
  }
  // Split by the marks, which a value may contain by chance.
  return template.split(/\{\{(\w+)\}\}/).flatMap((part, at) => (at % 2 === 0 ? part : (values[part] ?? [])))
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
