/** Makes the same command with another --path, to be copied from an error. */
export function suggestPath(argv: readonly string[]): (path: string) => string {
  return (path) => {
    const words: string[] = []
    for (let index = 0; index < argv.length; index++) {
      const word = argv[index]!
      if (word === '--path') index++
      else if (!word.startsWith('--path=')) words.push(word)
    }
    return ['imgproc', ...words, '--path', path].map(quote).join(' ')
  }
}

function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
