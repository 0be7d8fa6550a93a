import type { Op } from '../../operations/define-operation.js'
import { hintParameters, type ParameterGroup, type ParameterHint } from '../../operations/parameter-hints.js'
import { exampleOf } from '../flags/operation-flags.js'
import { DEFAULT_COLUMNS, wrapWords } from './text-columns.js'

/** Describes an operation with its parameters, their allowed values and defaults, wrapped to the terminal's width. */
export function describeOperation(op: Op, columns = DEFAULT_COLUMNS): string {
  const lines = hintParameters(op).flatMap((group) => describeGroup(group, columns))
  return [op.name, ...wrapWords(op.summary, columns, 2), `  ${exampleOf(op)}`, ...lines, ''].join('\n')
}

function describeGroup({ choice, params }: ParameterGroup, columns: number): string[] {
  const width = Math.max(0, ...params.map(({ name }) => name.length))
  const lines = params.flatMap((param) => {
    const [head = '', ...more] = wrapWords(describeParam(param), columns, width + 6)
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
