import leven from 'leven'

/** The candidate that a mistyped word most likely meant, if any is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  // A third of the letters may differ, and two that changed places: farther than that a guess is noise.
  let bound = wanted.length < 3 ? wanted.length : Math.max(2, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(wanted, candidate.toLowerCase())
    if (distance < bound) {
      best = candidate
      bound = distance
    }
  }
  return best
}

/** ` Did you mean "x"?`, or nothing: to be appended to a sentence. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const name = nearest(word, candidates)
  return name === undefined ? '' : ` Did you mean "${name}"?`
}
