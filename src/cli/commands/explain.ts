import { readFile } from 'node:fs/promises'
import { ERRORS, ImgprocError, type ErrorCode } from '../../errors.js'
import { didYouMean } from '../../utils/did-you-mean.js'
import { PACKAGE_ROOT } from '../../utils/package-root.js'
import { DEFAULT_COLUMNS, wrapWords } from '../output/text-columns.js'

/** The page with a section for each error code. */
const PAGE = new URL('docs/troubleshooting.md', PACKAGE_ROOT)
/** Wider lines are hard to read. */
const MAX_COLUMNS = 100
const CODES = Object.keys(ERRORS) as ErrorCode[] // the table's keys

/** Prints causes and remedies of error codes, or a list of all codes: `imgproc explain [codes...]`. */
export async function explainCommand(typed: readonly string[]): Promise<void> {
  const codes = typed.map(findCode)
  const sections = readSections(await readFile(PAGE, 'utf8'))
  if (codes.length > 0) {
    const columns = Math.min(process.stdout.columns || DEFAULT_COLUMNS, MAX_COLUMNS)
    const texts = codes.map((code) => `${code}\n\n${wrapSection(sections.get(code) ?? '', columns)}\n`)
    process.stdout.write(texts.join('\n'))
    return
  }
  const width = Math.max(...CODES.map((code) => code.length))
  for (const code of CODES) {
    const [meaning = ''] = sections.get(code)?.split(/(?<=\.)\s/) ?? []
    process.stdout.write(`${code.padEnd(width)}  ${meaning}\n`)
  }
}

/** Finds a code in any case of letters. */
function findCode(text: string): ErrorCode {
  const wanted = text.toUpperCase().replaceAll('-', '_')
  const code = CODES.find((one) => one === wanted)
  if (code !== undefined) return code
  const help = didYouMean(wanted, CODES) || ' imgproc explain lists all codes.'
  throw new ImgprocError('INVALID_USAGE', `There is no error code "${text}".${help}`, { stage: 'usage' })
}

/** Returns the text below each heading of the page, for a terminal: links are their names. */
function readSections(page: string): ReadonlyMap<string, string> {
  const text = page.replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, '$1 (docs/$2)')
  const parts = text.split(/^## /m).slice(1)
  return new Map(parts.map((part) => [part.split('\n', 1)[0] ?? '', part.slice(part.indexOf('\n')).trim()]))
}

/** Wraps paragraphs and items of lists to a width. */
function wrapSection(text: string, columns: number): string {
  const blocks = text.split(/\n(?=- )|\n\n/).map((block) => block.replaceAll(/\s+/g, ' ').trim())
  return blocks
    .map((block, index) => {
      const isItem = block.startsWith('- ')
      const lines = wrapWords(isItem ? block.slice(2) : block, columns, isItem ? 2 : 0).join('\n')
      const isNext = isItem && blocks[index - 1]?.startsWith('- ') === true
      return `${index === 0 ? '' : isNext ? '\n' : '\n\n'}${isItem ? `- ${lines.slice(2)}` : lines}`
    })
    .join('')
}
