/** Art direction: another crop of the picture, for the screens that a media query matches. */
export interface ArtDirection {
  /** Media query, such as `(max-width: 600px)`. The first that matches counts. */
  readonly media: string
  /** Preset whose outputs are shown there. */
  readonly preset: string
  /** Width of the picture on the page there, as in HTML. @default the `sizes` of the picture */
  readonly sizes?: string
}

/** The text alternative, which every picture needs that is not decoration. */
export type PictureAlt =
  | {
      /** Text that takes the place of the picture. Not empty. */
      readonly alt: string
      readonly decorative?: false
      readonly altFrom?: undefined
    }
  | {
      /** True for a picture that says nothing: screen readers skip it. */
      readonly decorative: true
      readonly alt?: ''
      readonly altFrom?: undefined
    }
  | {
      /** Analysis with the text that somebody wrote into the source for people who do not see it: IPTC's alternative text. */
      readonly altFrom: 'caption'
      readonly alt?: undefined
      readonly decorative?: false
    }

/** Options of `picture` and `pictureData` besides the text alternative. */
export interface PictureSettings {
  /** Preset whose outputs are shown. @default the only one that the source has outputs of, besides those of `art` */
  readonly preset?: string | undefined
  /** Width of the picture on the page, such as `(min-width: 60em) 40em, 100vw`. @default '100vw' */
  readonly sizes?: string | undefined
  /** Other crops by media query, in order. */
  readonly art?: readonly ArtDirection[] | undefined
  /** @default 'lazy', or 'eager' with `fetchPriority: 'high'` */
  readonly loading?: 'lazy' | 'eager' | undefined
  /** @default 'async' */
  readonly decoding?: 'async' | 'sync' | 'auto' | undefined
  /** @default left to the browser */
  readonly fetchPriority?: 'high' | 'low' | 'auto' | undefined
  /**
   * Background until the picture is there, from the analysis of that name: a blurred preview, or the dominant colour.
   * Left out for a picture with transparency, behind which it would stay visible.
   * @default none
   */
  readonly placeholder?: 'thumbhash' | 'palette' | undefined
  /** Prefix of all paths. @default the `url` of each output, or its path relative to the manifest */
  readonly baseUrl?: string | undefined
  /** Value of the attribute `class` of the `<img>`. */
  readonly class?: string | undefined
}

/** Options of `picture` and `pictureData`. */
export type PictureOptions = PictureAlt & PictureSettings

/** A `<source>`. Keys are the attributes of HTML. */
export interface PictureSource {
  readonly media?: string
  /** Media type. */
  readonly type: string
  readonly srcset: string
  readonly sizes?: string
  /** Pixels of the largest output, for the aspect ratio. */
  readonly width: number
  readonly height: number
}

/** An `<img>`. Keys are the attributes of HTML. */
export interface PictureImage {
  readonly src: string
  /** Absent if there is only one output. */
  readonly srcset?: string
  readonly sizes?: string
  /** Pixels of the largest output, from which browsers know the aspect ratio before the picture is there. */
  readonly width: number
  readonly height: number
  readonly alt: string
  readonly loading: 'lazy' | 'eager'
  readonly decoding: 'async' | 'sync' | 'auto'
  readonly fetchpriority?: 'high' | 'low' | 'auto'
  readonly class?: string
}

/** The background that is shown until the picture is there. */
export interface Placeholder {
  /** `#rrggbb` */
  readonly color: string
  /** A PNG of at most 32x32 pixels; only with `placeholder: 'thumbhash'`. */
  readonly dataUrl?: string
  /** Value of the CSS property `background`. */
  readonly background: string
}

/** A `<picture>` as data, for templates and components. */
export interface PictureData {
  /** In the order of preference. */
  readonly sources: readonly PictureSource[]
  readonly img: PictureImage
  readonly placeholder?: Placeholder
}
