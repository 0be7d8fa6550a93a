import type { Printer } from './printer.js'
import { quote } from './suggest-command.js'

/** Prints the command that most people want next, ready to be copied. */
export function printNext({ printLine, paint, quiet }: Printer, words: readonly string[]): void {
  if (!quiet) printLine(paint('dim', `next: ${['imgproc', ...words].map(quote).join(' ')}`))
}
