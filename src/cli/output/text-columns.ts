/** Columns of a pipe or file. */
export const DEFAULT_COLUMNS = 80
const MIN_COLUMNS = 60
/** Characters that take two columns of a terminal: East Asian scripts, full-width forms and most pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
/** Characters that take none: they join or change others. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u
/** Control characters, and those that turn the direction of what follows: names and metadata may hold any. */
// oxlint-disable-next-line no-control-regex -- they are what is removed
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g

/** Returns a text that is safe to print, in one line. */
export function toPrintable(text: string): string {
  return text.replaceAll(CONTROL, ' ').trim()
}

/** Control characters except line breaks and the codes of our own styles. */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- they are what is removed
  /\u001b(?!\[\d+m)|[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Returns lines in which nothing moves the cursor or changes the terminal: messages may quote names. */
export function withoutControls(text: string): string {
  return text.replaceAll(UNSAFE, ' ')
}

/** Returns the columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += NARROW.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return columns
}

/** Adds spaces up to a width. */
export function padColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)))
}

/** Shortens a path in its middle, so that its begin and its name's end stay. */
export function shortenMiddle(text: string, width: number): string {
  // No character takes more than two columns. Counting them takes longer than all else that is done for a line.
  if (text.length * 2 <= width || columnsOf(text) <= width) return text
  const characters = Array.from(text)
  const take = (from: readonly string[], columns: number) => {
    let used = 0
    const kept: string[] = []
    for (const character of from) {
      used += columnsOf(character)
      if (used > columns) break
      kept.push(character)
    }
    return kept
  }
  const room = Math.max(2, width - 1)
  const end = take(characters.toReversed(), Math.ceil(room / 2)).toReversed()
  return `${take(characters, Math.floor(room / 2)).join('')}…${end.join('')}`
}

/** Wraps a text between words, indented by spaces. */
export function wrapWords(text: string, columns: number, indent: number): string[] {
  const width = Math.max(columns, MIN_COLUMNS) - indent
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}
