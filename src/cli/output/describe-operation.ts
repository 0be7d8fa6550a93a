import type { Op } from '../../operations/define-operation.js'
import { hintParameters, type ParameterGroup, type ParameterHint } from '../../operations/parameter-hints.js'
import { exampleOf } from '../flags/operation-flags.js'

/** Columns of a pipe or file. */
const DEFAULT_COLUMNS = 80
const MIN_COLUMNS = 60

/** Describes an operation with its parameters, their allowed values and defaults, wrapped to the terminal's width. */
export function describeOperation(op: Op, columns = DEFAULT_COLUMNS): string {
  const lines = hintParameters(op).flatMap((group) => describeGroup(group, columns))
  return [op.name, ...wrap(op.summary, columns, 2), `  ${exampleOf(op)}`, ...lines, ''].join('\n')
}

function describeGroup({ choice, params }: ParameterGroup, columns: number): string[] {
  const width = Math.max(0, ...params.map(({ name }) => name.length))
  const lines = params.flatMap((param) => {
    const [head = '', ...more] = wrap(describeParam(param), columns, width + 6)
    return [`    ${param.name.padEnd(width)}  ${head.trimStart()}`, ...more]
  })
  return choice === undefined ? lines : [`  ${choice.name}: ${choice.value}`, ...lines]
}

function describeParam({ description, values, fallback }: ParameterHint): string {
  const facts = [
    ...(values === '' ? [] : [values]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ]
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`
}

/** Wraps a text between words, indented by spaces. */
function wrap(text: string, columns: number, indent: number): string[] {
  const width = Math.max(columns, MIN_COLUMNS) - indent
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}
