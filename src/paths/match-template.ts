import { BRACES, parseTemplate } from './template.js'

/** Returns true if a path can result from a target: tokens match any text without `/`. */
export function matchesTarget(target: string, path: string): boolean {
  if (!BRACES.test(target)) return target === path
  const [first = '', ...others] = literalsOf(target)
  const last = others.pop()
  if (last === undefined) return first === path
  if (!path.startsWith(first) || countFolders(target) !== countFolders(path)) return false
  let at = first.length
  for (const literal of others) {
    const found = path.indexOf(literal, at)
    if (found < 0) return false
    at = found + literal.length
  }
  return path.length - last.length >= at && path.endsWith(last)
}

/** Returns the texts before, between and after the tokens of a target. */
function literalsOf(target: string): string[] {
  const literals = ['']
  for (const part of parseTemplate(target))
    literals.push(typeof part === 'string' ? (literals.pop() ?? '') + part : '')
  return literals
}

function countFolders(path: string): number {
  let count = 0
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) count++
  return count
}
