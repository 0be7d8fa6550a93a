import { readFile, writeFile } from 'node:fs/promises'
import { format, type FormatOptions } from 'oxfmt'
import { exampleOf } from '../src/cli/flags/operation-flags.js'
import type { ImageOp } from '../src/operations/image-op.generated.js'
import { operations } from '../src/operations/parse-operations.js'
import type { Op } from '../src/operations/define-operation.js'
import { formatOp } from '../src/operations/text-syntax.js'
import { exampleFor, themes, type DocExample } from './doc-examples.js'
import { formatsSection, metadataTable, toSize } from './formats-doc.js'
import { describeShorthand, parameterTables } from './parameters.js'
import { fileOf, readFacts, type Facts, type Pair, type Shown } from './picture-facts.js'

/** The page. */
export const PAGE = new URL('../docs/operations.md', import.meta.url)
const FORMATTING = new URL('../.oxfmtrc.json', import.meta.url)

/** Brings docs/operations.md up to date; its pictures are the work of `npm run docs`. */
export async function writeOperationsPage(): Promise<void> {
  await writeFile(PAGE, await operationsPage())
}

/** The page as the registry and the pictures' facts have it now. */
export async function operationsPage(): Promise<string> {
  const facts = readFacts()
  const sections = themes().map(({ title, ops }) =>
    [`## ${title}`, ...ops.map((op) => operationSection(op, facts))].join('\n\n'),
  )
  const page = [introduction(), contents(), ...sections, VALUES, formatsSection(facts)].join('\n\n')
  const options = JSON.parse(await readFile(FORMATTING, 'utf8')) as FormatOptions // oxfmt's own file
  return (await format('operations.md', `${page}\n`, options)).code
}

function introduction(): string {
  const settings = operations.filter(({ kind }) => kind === 'setting').map(({ name }) => `\`${name}\``)
  return `<!-- Written by \`npm run generate\` and \`npm run docs\`: change src/ops, or scripts/doc-examples.ts, not this. -->

# Operations

What imgproc can do to a picture. Operations run **in the order written**: \`--crop 400x300 --rotate 90\` cuts first, and
turns what is left. The settings ${settings.slice(0, -1).join(', ')} and ${settings.at(-1)} hold for the whole list; it
doesn't matter where they stand, and twice is an error.

An operation is written in the same way everywhere. In code it is an object with one key, its name:

\`\`\`ts
import { transform } from 'imgproc'

const { data, info } = await transform('photos/landscape.jpg', [
  { crop: '400x300@400x250' },
  { resize: { width: 200 } },
  { format: { type: 'webp', quality: 80 } },
])
console.log(info.format, info.width, info.height, data.length)
\`\`\`

In a config it is that object too; on the command line it is a flag. There the parameters may follow the shorthand, or
stand alone, with colons between them:

\`\`\`yaml
- crop: 400x300@400x250
- resize: { width: 200 }
- format: webp:quality=80
\`\`\`

\`\`\`sh
npx imgproc run photos/landscape.jpg --crop 400x300@400x250 --resize width=200 --format webp:quality=80
\`\`\`

A flag's text is also safe in the query of a URL, as each section shows it. Nothing here serves URLs yet: the form is
settled so that a server can take it as it is.

The pictures show what the command beneath them makes of the photos in [fixtures](../fixtures). Both sides are
in one scale; squares show where a picture is transparent.`
}

function contents(): string {
  const lines = themes().map(
    ({ title, ops }) =>
      `- **${title}**: ${ops.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')}`,
  )
  return [
    ...lines,
    '- **[Values](#values)**: colours, places, lengths',
    '- **[Formats](#formats)**: what is read, what is written',
  ].join('\n')
}

const VALUES = `## Values

- **Colours** are CSS colours: a name such as \`teal\`, \`rgb(…)\`, \`hsl(…)\`, or hex with or without its \`#\`, which
  shells, YAML and URLs take for something else. \`transparent\` is one too. In YAML a colour that is all digits needs quotes.
- **Places** are an edge or corner in sharp's words: \`centre\`, \`top\`, \`right\`, \`bottom\`, \`left\`, or \`north\`,
  \`northeast\`, \`east\`, \`southeast\`, \`south\`, \`southwest\`, \`west\`, \`northwest\`.
- **Searches** find the place in the picture: \`attention\` looks for what strikes the eye, \`entropy\` for where most goes on.
- **Lengths** are whole pixels, or \`50%\` of the side of the picture that the operation meets.`

function operationSection(op: Op, facts: Facts): string {
  const example = exampleFor(op)
  const pair = facts.pairs[op.name]
  return [
    `### ${op.name}`,
    op.summary,
    ...(pair === undefined || example.ops.length === 0
      ? []
      : [pictures(op, example, pair), command(example)]),
    `\`\`\`yaml\n${example.spellings.map((text) => `- ${op.name}: ${text}`).join('\n')}\n\`\`\``,
    spellings(op, example),
    ...(op.name === 'metadata' ? [metadataTable(facts.kept)] : []),
    ...parameterTables(op),
  ].join('\n\n')
}

/** Before and after, side by side. */
function pictures(op: Op, { photo, ops, before = ops.slice(0, -1) }: DocExample, pair: Pair): string {
  // Where the left side has the same operation, what it was given tells them apart.
  const isCompared = before.some((item) => op.name in item)
  const left = isCompared
    ? `\`${flags(before.slice(-1))}\``
    : before.length === 0
      ? photo
      : `before ${op.name}`
  const right = isCompared ? `\`${flags(ops.slice(-1))}\`` : `after ${op.name}`
  const image = (side: keyof Pair): string =>
    `![${photo} ${side} ${op.name}](pictures/${fileOf(op.name, side)})`
  return `| ${left}, ${describe(pair.before)} | ${right}, ${describe(pair.after)} |
| --- | --- |
| ${image('before')} | ${image('after')} |`
}

function describe({ width, height, bytes }: Shown): string {
  return `${width}x${height}${bytes === undefined ? '' : `, ${toSize(bytes)}`}`
}

function command({ photo, ops }: DocExample): string {
  return `\`\`\`sh\nnpx imgproc run photos/${photo} ${flags(ops)}\n\`\`\``
}

function flags(ops: readonly ImageOp[]): string {
  return ops.map((item) => quote(flagOf(item))).join(' ')
}

/** An operation as its flag. */
function flagOf(item: ImageOp): string {
  const [[name, input] = []] = Object.entries(item)
  const op = operations.find((one) => one.name === name)!
  return exampleOf({ ...op, example: input })
}

/** A flag whose value is quoted where a shell would take it for more than text. */
function quote(flag: string): string {
  return flag.replace(/(?<=^\S+?[ =]).*$/s, (value) =>
    /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`,
  )
}

/** The same as flag and in a URL, and what the shorthand takes. */
function spellings(op: Op, { ops }: DocExample): string {
  const shown = ops.at(-1) ?? ({ [op.name]: op.example } as ImageOp) // the registry's own example
  const query = `?${op.name}=${toQuery(op.name, formatOp(shown))}`
  const short = describeShorthand(op)
  return `As a flag \`${flags([shown])}\`, in a URL \`${query}\`.${short === undefined ? '' : ` The shorthand is ${short}.`}`
}

/** Text as it is where a URL leaves it alone, else encoded. */
function toQuery(name: string, text: string): string {
  return new URLSearchParams(`${name}=${text}`).get(name) === text ? text : encodeURIComponent(text)
}
