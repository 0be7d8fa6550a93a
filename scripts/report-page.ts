// Puts the style and the script of the report into its page, and their hashes into its policy: the page has to be one file,
// and runs no script but its own.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const FOLDER = new URL('../report/', import.meta.url)

/** Returns the page, with marks for its title, data and pictures. */
export async function buildReportPage(): Promise<string> {
  const styles = await Promise.all([read('../demo/base.css'), read('report.css')])
  const [page, style, script] = [await read('page.html'), styles.join('\n'), await bundleScript()]
  // The end of the element would end the script, wherever it stands.
  if (/<\/script/i.test(script)) throw new Error('The script of the report contains the end of its element.')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src {{images}}',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
  return page
    .replace('{{policy}}', policy)
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `{{blocks}}<script>${script}</script>`)
    .replace(/(<script id="data"[^>]*>)/, '$1{{data}}')
}

async function bundleScript(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('main.js', FOLDER)),
    platform: 'browser',
  })
  const { output } = await bundle.generate({ format: 'iife', minify: false, comments: false })
  await bundle.close()
  return output[0].code
}

async function read(name: string): Promise<string> {
  return readFile(new URL(name, FOLDER), 'utf8')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
