// Lists and counts comments, docstrings and test titles with sentences that begin with What, Of, Where, Who, Whoever or
// Whether. "Returns …", "If …" or the name of the thing is clearer. CI fails at 3 %.
//
//   npx jiti scripts/check-words.ts [folder or file…]   (default: src and test)
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastGlob from 'fast-glob'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_SHARE = 0.03
const UNCLEAR_START = /^(?:What|Of|Where|Who|Whoever|Whom|Whose|Whether)\b(?!.*\?$)/i

/** Matches the title of a test or a group, also after the table of `it.each`. */
const TITLE = /^\s*(?:(?:it|test|describe)(?:\.\w+)*(?:\(.*\))?|[\])](?: as const)?\)?)\((['"`])(.*?)\1/

interface Text {
  readonly file: string
  readonly line: number
  readonly kind: 'comment' | 'title'
  readonly text: string
}

const paths = process.argv.slice(2)
const patterns = (paths.length > 0 ? paths : ['src', 'test']).map((path) =>
  path.endsWith('.ts') ? path : `${path.replace(/\/$/, '')}/**/*.ts`,
)
const files = fastGlob.sync(patterns, { cwd: ROOT }).filter((file) => !file.endsWith('.generated.ts'))
const texts = files.toSorted().flatMap((file) => textsOf(file))
const begins = texts.filter(({ text }) => UNCLEAR_START.test(text))
const inside = texts.filter(({ text }) =>
  sentencesOf(text)
    .slice(1)
    .some((sentence) => UNCLEAR_START.test(sentence)),
)

for (const { file, line, kind, text } of new Set([...begins, ...inside]))
  console.log(`${file}:${line} ${kind}: ${text.slice(0, 110)}`)
const share = texts.length === 0 ? 0 : begins.length / texts.length
const percent = (share * 100).toFixed(1)
console.log(
  `${begins.length} of ${texts.length} comments and titles begin with such a word (${percent} %), ${inside.length} more contain such a sentence`,
)
process.exitCode = share < MAX_SHARE ? 0 : 1

/** Returns the comments and test titles of a file. Comments on successive lines count as one. */
function textsOf(file: string): Text[] {
  const found: Text[] = []
  const lines = readFileSync(`${ROOT}/${file}`, 'utf8').split('\n')
  let open: { line: number; parts: string[] } | undefined
  const close = () => {
    if (open !== undefined)
      found.push({ file, line: open.line, kind: 'comment', text: open.parts.join(' ').trim() })
    open = undefined
  }
  let isBlock = false
  for (const [index, line] of lines.entries()) {
    const block = /^\s*\/\*\*?(.*?)(\*\/)?$/.exec(line)
    const single = /^\s*\/\/(.*)$/.exec(line)
    if (isBlock) {
      open?.parts.push(line.replace(/^\s*\*(?!\/) ?/, '').replace(/\s*\*\/\s*$/, ''))
      if (line.includes('*/')) [isBlock] = [false, close()]
    } else if (block) {
      close()
      open = { line: index + 1, parts: [block[1] ?? ''] }
      isBlock = block[2] === undefined
      if (!isBlock) close()
    } else if (single) {
      open ??= { line: index + 1, parts: [] }
      open.parts.push(single[1] ?? '')
    } else {
      close()
      const title = TITLE.exec(line)
      if (title) found.push({ file, line: index + 1, kind: 'title', text: title[2] ?? '' })
    }
  }
  close()
  return found.filter(({ text }) => text !== '')
}

function sentencesOf(text: string): string[] {
  return text
    .replaceAll(/```[^]*?```/g, '')
    .split(/(?<=[.!?:;])\s+|@\w+\s+(?:\w+\s+(?=[a-z]))?/)
    .filter(Boolean)
}
