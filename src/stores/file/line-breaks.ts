/*
 * The `**` of fast-glob matches no line breaks: its regular expressions have no flag for that. So it sees an escape in place of
 * a line break in a name.
 */

/** A character for private use, which begins an escape. */
const ESCAPE = '\uF8FF'
const LINE_BREAKS = ['\n', '\r', '\u2028', '\u2029', ESCAPE] as const
const LETTERS = ['n', 'r', 'l', 'p', 'e'] as const

/** Replaces line breaks in a path or pattern. */
export function hideLineBreaks(path: string): string {
  return path.replace(/[\n\r\u2028\u2029\uF8FF]/g, (found) => {
    const at = LINE_BREAKS.findIndex((each) => each === found)
    return ESCAPE + (LETTERS[at] ?? '')
  })
}

/** Restores a path of `hideLineBreaks`. */
export function showLineBreaks(path: string): string {
  return path.replace(/\uF8FF([nrlpe])/g, (_, letter) => {
    const at = LETTERS.findIndex((each) => each === letter)
    return LINE_BREAKS[at] ?? ''
  })
}
