import leven from 'leven'

/** Returns the candidate closest to a mistyped word, ignoring case, or undefined if none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase()
  let best: string | undefined
  // At most a third of the letters differ, or two letters are swapped. A more distant candidate is noise.
  let bound = typed.length < 3 ? typed.length : Math.max(2, Math.floor(typed.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(typed, candidate.toLowerCase())
    if (distance < bound) {
      best = candidate
      bound = distance
    }
  }
  return best
}

/** Returns ` Did you mean "x"?` to append to a sentence, or an empty string if no candidate is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const name = nearest(word, candidates)
  return name === undefined ? '' : ` Did you mean "${name}"?`
}
