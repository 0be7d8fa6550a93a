import type { PlacementChange } from '../../plan/types.js'

/** Returns a function that builds the same command line with another --path or --base, for the advice in an error. */
export function suggestPlacement(argv: readonly string[]): (change: PlacementChange) => string {
  return ({ path, base }) => {
    const flags = [
      ['--base', base],
      ['--path', path],
    ].flatMap(([flag, value]) => (flag === undefined || value === undefined ? [] : [{ flag, value }]))
    const words: string[] = []
    // All words after a bare -- are inputs.
    const end = argv.includes('--') ? argv.indexOf('--') : argv.length
    for (let index = 0; index < end; index++) {
      const word = argv[index]!
      if (flags.some(({ flag }) => flag === word)) index++
      else if (!flags.some(({ flag }) => word.startsWith(`${flag}=`))) words.push(word)
    }
    const added = flags.flatMap(({ flag, value }) => [flag, value])
    return ['imgproc', ...words, ...added, ...argv.slice(end)].map(quote).join(' ')
  }
}

/** Quotes a word for a shell, if it needs that. */
export function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
