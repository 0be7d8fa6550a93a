/** Returns a function that builds the same command line with another --path, for the advice in an error. */
export function suggestPath(argv: readonly string[]): (path: string) => string {
  return (path) => {
    const words: string[] = []
    // All words after a bare -- are inputs.
    const end = argv.includes('--') ? argv.indexOf('--') : argv.length
    for (let index = 0; index < end; index++) {
      const word = argv[index]!
      if (word === '--path') index++
      else if (!word.startsWith('--path=')) words.push(word)
    }
    return ['imgproc', ...words, '--path', path, ...argv.slice(end)].map(quote).join(' ')
  }
}

function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
