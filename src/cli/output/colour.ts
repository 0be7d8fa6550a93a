import { styleText } from 'node:util'

export type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold'

/** Styles a text, if colours are on. */
export type Paint = (style: Style, text: string) => string

export function createPaint(colour: boolean): Paint {
  // Without this option Node.js looks at stdout, whichever stream the text is for.
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

/**
 * True if a stream shows colours. `--no-color` wins over FORCE_COLOR, and that over NO_COLOR, as in Node.js. Otherwise
 * a terminal has colours, except a dumb one.
 */
export function shouldUseColour(flag: boolean, stream: NodeJS.WriteStream): boolean {
  const { FORCE_COLOR: forced, NO_COLOR, TERM } = process.env
  if (!flag) return false
  if (forced) return forced !== '0' && forced !== 'false'
  return stream.isTTY && !NO_COLOR && TERM !== 'dumb'
}
