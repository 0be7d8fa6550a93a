/** Removes the quotes around an argument, which cmd.exe does not remove. */
export function unquote(text: string): string {
  return /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text
}
