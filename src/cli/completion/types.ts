/** A word that fits, and its meaning. */
export interface Candidate {
  readonly word: string
  readonly meaning?: string
}

/** Words that fit; undefined if a file fits. */
export type Candidates = readonly Candidate[] | undefined
