/** Characters that are written at once. */
const BLOCK = 64 * 1024

/** Writes lines to stdout, no faster than they are read from there, so that none wait in memory. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  let text = ''
  for (const line of lines) {
    text += `${line}\n`
    if (text.length < BLOCK) continue
    await write(text)
    text = ''
  }
  if (text !== '') await write(text)
}

async function write(text: string): Promise<void> {
  // An error, such as a closed pipe, is an event of stdout too.
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()))
}
