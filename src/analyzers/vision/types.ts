/** A part of a picture, in fractions of its width and height as seen upright. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A face in a picture. */
export interface Face extends Region {
  /** 0 to 1. */
  readonly score: number
}

/** A point of a picture, in fractions of its width and height as seen upright. */
export interface Point {
  readonly left: number
  readonly top: number
}

/** Findings of `faces`. */
export interface Faces {
  /** Name and version of the model. */
  readonly model: string
  /** The most salient point, if there are no faces. */
  readonly attention?: Point
  /** The most important first: large ones near the middle. */
  readonly faces: readonly Face[]
}

/** A thing, animal or person in a picture. */
export interface DetectedObject extends Region {
  /** Word for its kind, such as `dog`. */
  readonly label: string
  /** 0 to 1. */
  readonly score: number
}

/** Findings of `objects`. */
export interface Objects {
  /** Name and version of the model. */
  readonly model: string
  /** The most salient point, if there are no objects. */
  readonly attention?: Point
  /** The most important first: large ones near the middle. */
  readonly objects: readonly DetectedObject[]
}

/** Findings of `moderation`. */
export interface Moderation {
  /** Name and version of the model. */
  readonly model: string
  /** Probability that the picture is unsafe, 0 to 1. */
  readonly unsafe: number
  /** Classes and their scores from 0 to 1, the highest first. */
  readonly classes: readonly { readonly name: string; readonly score: number }[]
}
