// Generated from the operation registry by `npm run generate`. Do not edit.

/** Edge or corner, in sharp's terms. */
export type Gravity =
  | 'centre'
  | 'center'
  | 'top'
  | 'right'
  | 'bottom'
  | 'left'
  | 'north'
  | 'northeast'
  | 'east'
  | 'southeast'
  | 'south'
  | 'southwest'
  | 'west'
  | 'northwest'

/**
 * Gravity; a search for the most salient region (attention) or the one with most detail (entropy); a focal point or region;
 * or the regions that the source's XMP marks (metadata).
 */
export type Position =
  | 'centre'
  | 'center'
  | 'top'
  | 'right'
  | 'bottom'
  | 'left'
  | 'north'
  | 'northeast'
  | 'east'
  | 'southeast'
  | 'south'
  | 'southwest'
  | 'west'
  | 'northwest'
  | 'attention'
  | 'entropy'
  | 'metadata'
  | 'faces'
  | 'objects'
  | `${number}%x${number}%`
  | `${number}%x${number}%@${number}%x${number}%`
  | {
      /** Distance from the left edge. */
      readonly left: `${number}%`
      /** Distance from the top edge. */
      readonly top: `${number}%`
      /** Width of the region. */
      readonly width: `${number}%`
      /** Height of the region. */
      readonly height: `${number}%`
    }

/** Shears, scales and rotates by a matrix. */
export interface AffineParams {
  /** Four numbers a, b, c, d: a point moves to x = a·x + b·y, y = c·x + d·y. */
  readonly matrix: readonly number[]
  /** Colour of the corners. @default "transparent" */
  readonly background?: string | undefined
  /** How pixels between those of the picture are found. @default "bicubic" */
  readonly interpolator?:
    | 'nearest'
    | 'bilinear'
    | 'bicubic'
    | 'locallyBoundedBicubic'
    | 'nohalo'
    | 'vertexSplitQuadraticBasisSpline'
    | undefined
}

/** Applies the EXIF orientation before all other operations; on by default. */
export interface AutoOrientParams {
  /** `false` keeps the stored pixels and the orientation tag. */
  readonly enabled: boolean
}

/** Applies a Gaussian blur. */
export interface BlurParams {
  /** Standard deviation of the Gaussian, in pixels. */
  readonly sigma: number
}

/** Enhances local contrast (contrast-limited adaptive histogram equalisation). */
export interface ClaheParams {
  /** Width of the region around each pixel, in pixels. */
  readonly width: number
  /** Height of the region around each pixel, in pixels. */
  readonly height: number
  /** Limit of the contrast gain, 0 to 100; 0 is no limit. @default 3 */
  readonly maxSlope?: number | undefined
}

/** Lays an image or a colour over the picture; several in a row are layers. */
export interface CompositeParams {
  /** Path or URL of the image of the layer. */
  readonly image?: string | undefined
  /** A layer of one colour, instead of an image. */
  readonly colour?: string | undefined
  /** Distance from the left edge, in pixels or per cent; it may be negative. */
  readonly left?: number | `${number}%` | undefined
  /** Distance from the top edge, in pixels or per cent; it may be negative. */
  readonly top?: number | `${number}%` | undefined
  /** Edge or corner, if `left` or `top` is not given. @default "centre" */
  readonly position?: Gravity | undefined
  /** Width in pixels or per cent of the picture; by default that of the image, or of the picture for a colour. */
  readonly width?: number | `${number}%` | undefined
  /** Height; if only one is given, the other follows from the image. */
  readonly height?: number | `${number}%` | undefined
  /** How the image meets a width and a height, as in CSS `object-fit`. @default "fill" */
  readonly fit?: 'fill' | 'cover' | 'inside' | undefined
  /** Blend mode. @default "over" */
  readonly blend?:
    | 'over'
    | 'multiply'
    | 'screen'
    | 'overlay'
    | 'darken'
    | 'lighten'
    | 'hard-light'
    | 'soft-light'
    | 'difference'
    | undefined
  /** Opacity, 0 (invisible) to 1 (opaque). @default 1 */
  readonly opacity?: number | undefined
}

/** Multiplies the contrast around middle grey. */
export interface ContrastParams {
  /** Contrast factor, 0 to 10; 1 changes nothing, 0 gives middle grey. */
  readonly factor: number
}

/** Crops to a box, or to the largest area of an aspect ratio. */
export interface CropParams {
  /** Width of the box, in pixels or per cent of the picture. */
  readonly width?: number | `${number}%` | undefined
  /** Height of the box, in pixels or per cent of the picture. */
  readonly height?: number | `${number}%` | undefined
  /** Distance from the left edge, in pixels or per cent. */
  readonly left?: number | `${number}%` | undefined
  /** Distance from the top edge, in pixels or per cent. */
  readonly top?: number | `${number}%` | undefined
  /** Aspect ratio of the largest area to keep, instead of `width` and `height`. */
  readonly aspect?: number | string | undefined
  /** Part to keep if `left` and `top` are not given. @default "centre" */
  readonly position?: Position | undefined
}

/** Sets the resolution for drawing an SVG, in pixels per inch; 72 by default. */
export interface DensityParams {
  /** Pixels per inch, 1 to 2400. Sets the size that operations see; raster images ignore it. */
  readonly dpi: number
}

/** Maps the picture to a gradient between two colours. */
export interface DuotoneParams {
  /** Colour of black. @default "black" */
  readonly dark?: string | undefined
  /** Colour of white. @default "white" */
  readonly light?: string | undefined
}

/** Composites the picture onto a background and removes alpha. */
export interface FlattenParams {
  /** Background colour. @default "white" */
  readonly background?: string | undefined
}

/** JPEG and its encoder's options. */
export interface JpegFormat {
  readonly type: 'jpeg' | 'jpg'
  /** Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given. */
  readonly maxBytes?: number | string | undefined
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100, 80 by default; `auto` finds the lowest from 30 to 95 that reaches `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default. */
  readonly similarity?: number | undefined
  /** Writes progressive scans. */
  readonly progressive?: boolean | undefined
  /** `4:2:0` by default; `4:4:4` keeps colour at full resolution. */
  readonly chromaSubsampling?: '4:2:0' | '4:4:4' | undefined
  /** Uses mozjpeg's defaults: smaller, slower. */
  readonly mozjpeg?: boolean | undefined
  /** Optimises Huffman tables; `true` by default. */
  readonly optimiseCoding?: boolean | undefined
  /** Applies trellis quantisation. */
  readonly trellisQuantisation?: boolean | undefined
  /** Applies overshoot deringing. */
  readonly overshootDeringing?: boolean | undefined
  /** Optimises progressive scans; sets `progressive`. */
  readonly optimiseScans?: boolean | undefined
  /** Quantisation table, 0 to 8; by default 0, or 3 with `mozjpeg`. */
  readonly quantisationTable?: number | undefined
}

/** PNG and its encoder's options. */
export interface PngFormat {
  readonly type: 'png'
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** zlib level, 0 to 9; 6 by default. */
  readonly compressionLevel?: number | undefined
  /** Uses adaptive row filters. */
  readonly adaptiveFiltering?: boolean | undefined
  /** Writes an interlaced image. */
  readonly progressive?: boolean | undefined
  /** Reduces colours to a palette, with alpha. */
  readonly palette?: boolean | undefined
  /** Uses the fewest colours that reach this quality; sets `palette`. */
  readonly quality?: number | undefined
  /** CPU effort, 1 to 10; sets `palette`. */
  readonly effort?: number | undefined
  /** Maximum palette entries; sets `palette`. */
  readonly colours?: number | undefined
  /** Floyd-Steinberg error diffusion, 0 to 1; sets `palette`. */
  readonly dither?: number | undefined
}

/** WEBP and its encoder's options. */
export interface WebpFormat {
  readonly type: 'webp'
  /** Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given. */
  readonly maxBytes?: number | string | undefined
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100, 80 by default; `auto` finds the lowest from 30 to 95 that reaches `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default. */
  readonly similarity?: number | undefined
  /** Quality of the alpha channel, 0 to 100; 100 by default. */
  readonly alphaQuality?: number | undefined
  /** Uses lossless compression. */
  readonly lossless?: boolean | undefined
  /** Uses near-lossless compression. */
  readonly nearLossless?: boolean | undefined
  /** Uses sharper chroma subsampling. */
  readonly smartSubsample?: boolean | undefined
  /** Adjusts the deblocking filter; slow. */
  readonly smartDeblock?: boolean | undefined
  /** Kind of picture to tune the encoder for. */
  readonly preset?: 'default' | 'photo' | 'picture' | 'drawing' | 'icon' | 'text' | undefined
  /** CPU effort, 0 to 6; 4 by default. */
  readonly effort?: number | undefined
  /** Makes the smallest animation, without key frames; slow. */
  readonly minSize?: boolean | undefined
  /** Keeps the colour of transparent pixels. */
  readonly exact?: boolean | undefined
  /** Mixes lossy and lossless frames in an animation. */
  readonly mixed?: boolean | undefined
}

/** AVIF and its encoder's options. */
export interface AvifFormat {
  readonly type: 'avif'
  /** Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given. */
  readonly maxBytes?: number | string | undefined
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100, 50 by default; `auto` finds the lowest from 30 to 95 that reaches `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default. */
  readonly similarity?: number | undefined
  /** Uses lossless compression. */
  readonly lossless?: boolean | undefined
  /** CPU effort, 0 to 9; 4 by default. */
  readonly effort?: number | undefined
  /** `4:4:4` by default; `4:2:0` halves the resolution of colour. */
  readonly chromaSubsampling?: '4:2:0' | '4:4:4' | undefined
  /** Bits per channel; by default 8, or 12 for a picture with 16 bits. */
  readonly bitdepth?: 8 | 10 | 12 | undefined
  /** Metric to tune the encoder for; `auto` by default. */
  readonly tune?: 'auto' | 'iq' | 'psnr' | 'ssim' | undefined
}

/** JXL and its encoder's options. */
export interface JxlFormat {
  readonly type: 'jxl'
  /** Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given. */
  readonly maxBytes?: number | string | undefined
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100, 80 by default; `auto` finds the lowest from 30 to 95 that reaches `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default. */
  readonly similarity?: number | undefined
  /** Butteraugli distance instead of a quality, 0.01 to 25: with 1 a difference is barely visible side by side. */
  readonly distance?: number | undefined
  /** Uses lossless compression of the pixels. */
  readonly lossless?: boolean | undefined
  /** CPU effort, 1 to 9; 5 by default, or 4 above 16 megapixels. */
  readonly effort?: number | undefined
  /** Makes decoding faster and the file larger, 0 to 4; 0 by default. */
  readonly decodingSpeed?: number | undefined
}

/** GIF and its encoder's options. */
export interface GifFormat {
  readonly type: 'gif'
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** Maximum palette entries, including transparency; 256 by default. */
  readonly colours?: number | undefined
  /** CPU effort, 1 to 10; 7 by default. */
  readonly effort?: number | undefined
  /** Floyd-Steinberg error diffusion, 0 to 1; 1 by default. */
  readonly dither?: number | undefined
  /** Reuses the palette of the input. */
  readonly reuse?: boolean | undefined
  /** Writes an interlaced image. */
  readonly progressive?: boolean | undefined
  /** Maximum difference between frames that becomes transparent; 0 by default. */
  readonly interFrameMaxError?: number | undefined
  /** Maximum difference between palettes for reuse; 3 by default. */
  readonly interPaletteMaxError?: number | undefined
}

/** TIFF and its encoder's options. */
export interface TiffFormat {
  readonly type: 'tiff' | 'tif'
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** Quality for JPEG and WebP compression, 1 to 100; 80 by default. */
  readonly quality?: number | undefined
  /** By default `jpeg`, or `deflate` if that would lose depth or alpha. */
  readonly compression?: 'none' | 'jpeg' | 'jpg' | 'deflate' | 'packbits' | 'lzw' | 'webp' | undefined
  /** Predictor for lossless compression. */
  readonly predictor?: 'none' | 'horizontal' | 'float' | undefined
  /** Writes an image pyramid. */
  readonly pyramid?: boolean | undefined
  /** Writes tiles instead of strips. */
  readonly tile?: boolean | undefined
}

/** The smallest of several formats, chosen for each picture. */
export interface AutoFormat {
  readonly type: 'auto'
  /** Formats to choose from; all of them but `jxl` by default. */
  readonly among?: readonly ('jpeg' | 'jpg' | 'png' | 'webp' | 'avif' | 'gif' | 'jxl')[] | undefined
  /** Maximum bytes of the output; the highest quality that fits is used, at most `quality` if given. */
  readonly maxBytes?: number | string | undefined
  /** Keeps the source file if only its encoding would change and it would become larger. */
  readonly neverGrow?: boolean | undefined
  /** Each encoder's default; `auto` finds the lowest that reaches `similarity`. */
  readonly quality?: 'auto' | undefined
  /** Lowest SSIM that `quality: 'auto'` accepts, 0.5 to 1; 0.998 by default. */
  readonly similarity?: number | undefined
}

/** Sets the output format and its encoder options; auto chooses the smallest format. */
export type FormatParams =
  | JpegFormat
  | PngFormat
  | WebpFormat
  | AvifFormat
  | JxlFormat
  | GifFormat
  | TiffFormat
  | AutoFormat

/** Parameters of format as text. */
export type FormatText =
  | TextAfter<'jpeg' | 'jpg', keyof JpegFormat>
  | TextAfter<'png', keyof PngFormat>
  | TextAfter<'webp', keyof WebpFormat>
  | TextAfter<'avif', keyof AvifFormat>
  | TextAfter<'jxl', keyof JxlFormat>
  | TextAfter<'gif', keyof GifFormat>
  | TextAfter<'tiff' | 'tif', keyof TiffFormat>
  | TextAfter<'auto', keyof AutoFormat>
  | `type=${string}`

/** Brightens dark areas with a gamma curve. */
export interface GammaParams {
  /** Gamma, 1 to 3; 1 changes nothing. */
  readonly value: number
}

/** Multiplies each channel by a, and adds b. */
export interface LinearParams {
  /** Factor, -100 to 100: one number, or three for red, green and blue. @default 1 */
  readonly a?: number | readonly number[] | undefined
  /** Levels to add, of 255: one number, or three for red, green and blue. @default 0 */
  readonly b?: number | readonly number[] | undefined
}

/** Removes specks with a median filter. */
export interface MedianParams {
  /** Side of the square around each pixel, in pixels. */
  readonly size: number
}

/** Selects the metadata to keep; by default all of it is removed. */
export interface MetadataParams {
  /** Parts to keep: `icc` (colour profile; without it, colours become sRGB), `exif` (except position, embedded thumbnail and maker notes), `gps` (position), `copyright` (author, copyright, credit and licence in EXIF, XMP and IPTC; if the EXIF has none, those of XMP or IPTC), `xmp` (coordinates only with `gps`), `iptc` (texts of IPTC, in a JPEG or TIFF), `gainmap` (HDR gain map of a JPEG). The gain map needs a JPEG output that is only resized, cropped, flipped, rotated by quarter turns or watermarked, and a `maxBytes` that leaves room for it. A CMYK profile is kept only if all operations move, scale or average pixels; others convert colours to sRGB first. Comments, text chunks and Content Credentials (C2PA) are never kept. */
  readonly keep:
    | 'nothing'
    | 'everything'
    | readonly ('icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'iptc' | 'gainmap')[]
}

/** Adjusts brightness, saturation, hue and lightness. */
export interface ModulateParams {
  /** Factor for the lightness, 0 to 100. @default 1 */
  readonly brightness?: number | undefined
  /** Factor for the chroma, 0 to 100; 0 gives grey. @default 1 */
  readonly saturation?: number | undefined
  /** Hue rotation, in degrees. @default 0 */
  readonly hue?: number | undefined
  /** Value added to the lightness, -100 to 100. @default 0 */
  readonly lightness?: number | undefined
}

/** Stretches the lightness to the full range. */
export interface NormalizeParams {
  /** Percentile of the lightness that becomes black, 0 to 100. @default 1 */
  readonly lower?: number | undefined
  /** Percentile of the lightness that becomes white, 0 to 100. @default 99 */
  readonly upper?: number | undefined
}

/** Adds a border on each side, or pads to an aspect ratio. */
export interface PadParams {
  /** Pixels to add at the top. */
  readonly top?: number | undefined
  /** Pixels to add on the right. */
  readonly right?: number | undefined
  /** Pixels to add at the bottom. */
  readonly bottom?: number | undefined
  /** Pixels to add on the left. */
  readonly left?: number | undefined
  /** Aspect ratio to pad to, evenly on two opposite sides, instead of pixels. */
  readonly aspect?: number | string | undefined
  /** Content of the padding: the background colour, the picture mirrored, its edge copied, the picture repeated, the picture blurred, or its average colour. @default "background" */
  readonly fill?: 'background' | 'mirror' | 'copy' | 'repeat' | 'blur' | 'average' | undefined
  /** Colour of the padding. @default "transparent" */
  readonly background?: string | undefined
}

/** Chooses one page, frame or picture of a source that holds several, such as a TIFF, GIF, HEIC or ICO. */
export interface PageParams {
  /** Counted from 0, as in sharp. The output is a still of it. Without it, an animation keeps all frames if the format can, and other sources give their main picture. */
  readonly index: number
}

/** Replaces blocks, in the whole picture or in regions, by their average. */
export interface PixelateParams {
  /** Side of a block, in pixels. @default 16 */
  readonly size?: number | undefined
  /** Areas to pixelate, such as `20%x30%@10%x15%` (size, then distance from left and top); by default all. */
  readonly regions?:
    | readonly (
        | string
        | {
            /** Width of the area. */
            readonly width: number | `${number}%`
            /** Height of the area. */
            readonly height: number | `${number}%`
            /** Distance from the left edge. */
            readonly left: number | `${number}%`
            /** Distance from the top edge. */
            readonly top: number | `${number}%`
          }
      )[]
    | undefined
}

/** Uses a JPEG's embedded EXIF thumbnail if it is good enough; many times faster. */
export interface PreviewParams {
  /** `embedded` is the EXIF thumbnail. The image itself is used if the thumbnail is missing, too small, damaged, of another shape or framed by black bars, or if metadata is kept. */
  readonly source: 'embedded'
}

/** Recombines red, green and blue by a matrix, such as sepia. */
export interface RecombParams {
  /** A matrix by name. */
  readonly preset?: 'sepia' | 'luma' | 'swapRedBlue' | undefined
  /** Nine numbers: the factors of red, green and blue for the new red, then for green, then for blue. */
  readonly matrix?: readonly number[] | undefined
  /** Share of the effect, 0 (none) to 1. @default 1 */
  readonly amount?: number | undefined
}

/** Makes faces or objects unrecognisable. */
export interface RedactParams {
  /** Regions to make unrecognisable. @default "faces" */
  readonly what?: 'faces' | 'objects' | undefined
  /** Blurs the regions, or shows them in a few large squares or one colour. @default "pixelate" */
  readonly how?: 'blur' | 'pixelate' | 'fill' | undefined
  /** Colour for `fill`. @default "black" */
  readonly colour?: string | undefined
}

/** Resizes the picture to a width, a height or both. */
export interface ResizeParams {
  /** Width in pixels or per cent of the picture. */
  readonly width?: number | `${number}%` | undefined
  /** Height in pixels or per cent of the picture. */
  readonly height?: number | `${number}%` | undefined
  /** How to fit width and height, as in CSS `object-fit`. If only one is given, the other follows. @default "cover" */
  readonly fit?: 'cover' | 'contain' | 'fill' | 'inside' | 'outside' | undefined
  /** Part that `cover` keeps, or place of the picture in `contain`. @default "centre" */
  readonly position?: Position | undefined
  /** Fill colour for `contain`. @default "transparent" */
  readonly background?: string | undefined
  /** Interpolation kernel. @default "lanczos3" */
  readonly kernel?:
    | 'nearest'
    | 'linear'
    | 'cubic'
    | 'mitchell'
    | 'lanczos2'
    | 'lanczos3'
    | 'mks2013'
    | 'mks2021'
    | undefined
  /** Allows enlarging the picture. @default false */
  readonly enlarge?: boolean | undefined
}

/** Rotates the picture clockwise by any angle. */
export interface RotateParams {
  /** Degrees clockwise, -3600 to 3600. */
  readonly angle: number
  /** Colour of the corners, unless the angle is a multiple of 90. @default "transparent" */
  readonly background?: string | undefined
}

/** Rounds the corners; 50% gives a circle or an ellipse. */
export interface RoundParams {
  /** Corner radius in pixels or per cent of each side. */
  readonly radius: number | `${number}%`
}

/** Sharpens the lightness channel. */
export interface SharpenParams {
  /** Standard deviation of the Gaussian mask, in pixels. */
  readonly sigma: number
  /** Sharpening of flat areas. @default 1 */
  readonly m1?: number | undefined
  /** Sharpening of jagged areas. @default 2 */
  readonly m2?: number | undefined
  /** Threshold between flat and jagged areas. @default 2 */
  readonly x1?: number | undefined
  /** Maximum brightening. @default 10 */
  readonly y2?: number | undefined
  /** Maximum darkening. @default 20 */
  readonly y3?: number | undefined
}

/** Converts every pixel to black or white. */
export interface ThresholdParams {
  /** Lowest grey level that becomes white, 1 to 255. */
  readonly level: number
}

/** Fits the picture inside a box; never enlarges it. */
export interface ThumbnailParams {
  /** Width of the box, in pixels. */
  readonly width?: number | undefined
  /** Height of the box, in pixels. */
  readonly height?: number | undefined
  /** `inside` keeps the whole picture; `cover` fills the box and crops the rest. @default "inside" */
  readonly fit?: 'inside' | 'cover' | undefined
  /** Part that `cover` keeps. @default "centre" */
  readonly position?: Position | undefined
}

/** Tints the picture with a colour, keeping its lightness. */
export interface TintParams {
  /** Tint colour. */
  readonly colour: string
}

/** Removes borders of one colour. */
export interface TrimParams {
  /** Maximum difference from the border colour, 0 to 255. A picture with a side of 1 or 2 pixels stays as it is. @default 10 */
  readonly threshold?: number | undefined
  /** Border colour; by default that of the top left pixel. */
  readonly background?: string | undefined
  /** Pixels of the border to keep. @default 0 */
  readonly margin?: number | undefined
}

/** Overlays an image or text. */
export interface WatermarkParams {
  /** Path of the overlay image. */
  readonly image?: string | undefined
  /** Overlay text, instead of an image. */
  readonly text?: string | undefined
  /** Edge or corner for the overlay. @default "southeast" */
  readonly position?: Gravity | undefined
  /** Repeats the overlay over the whole picture. @default false */
  readonly tile?: boolean | undefined
  /** Opacity of the overlay, 0 (invisible) to 1 (opaque). @default 1 */
  readonly opacity?: number | undefined
  /** Width of the overlay relative to the picture. By default, an image keeps its size and text takes 0.25. */
  readonly scale?: number | undefined
  /** Distance to the edge, or between tiles, in pixels. @default 0 */
  readonly margin?: number | undefined
  /** Blend mode. @default "over" */
  readonly blend?:
    | 'over'
    | 'multiply'
    | 'screen'
    | 'overlay'
    | 'darken'
    | 'lighten'
    | 'hard-light'
    | 'soft-light'
    | 'difference'
    | undefined
  /** Text colour. @default "white" */
  readonly colour?: string | undefined
  /** Text font, as a fontconfig name. @default "sans" */
  readonly font?: string | undefined
  /** Font size in pixels. By default, the text fills its width. */
  readonly size?: number | undefined
  /** Width in which the text is wrapped, in pixels or per cent of the picture, instead of `scale`. */
  readonly width?: number | `${number}%` | undefined
  /** Places at which lines of text may break: between words, characters, words and else characters, or nowhere. @default "word" */
  readonly wrap?: 'word' | 'char' | 'word-char' | 'none' | undefined
  /** Alignment of the lines of text. @default "left" */
  readonly align?: 'left' | 'centre' | 'right' | undefined
}

/** Writes author, copyright, caption and the like into EXIF, XMP and IPTC, in place of those of the source. */
export interface WriteParams {
  /** Author; several are separated by `;`. */
  readonly artist?: string | undefined
  /** Copyright notice. */
  readonly copyright?: string | undefined
  /** Caption. */
  readonly description?: string | undefined
  /** Credit line, to be printed beside the picture. EXIF has no place for it. */
  readonly credit?: string | undefined
  /** Text that stands for the picture. Only XMP has a place for it. */
  readonly altText?: string | undefined
  /** Pixels per inch for printing, 1 to 10000. No pixel changes. */
  readonly density?: number | undefined
}

/** A shorthand and parameters as text: `200x200:fit=cover`. The compiler checks the first key. */
type TextAfter<Shorthand extends string | number, Key extends string> = `${Shorthand}:${Key}=${string}`

/** Parameters as text, alone or after a shorthand. */
type Text<Shorthand extends string | number, Key extends string> =
  | `${Key}=${string}`
  | TextAfter<Shorthand, Key>

/** Format that an image is encoded in. */
export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'jxl' | 'gif' | 'tiff'

/**
 * Inputs of your own operations, by name. Declare them, so that lists may name your operations:
 *
 * @example
 * ```ts
 * declare module 'imgproc' {
 *   interface OwnOpInputs {
 *     readonly vignette: number | { readonly strength?: number }
 *   }
 * }
 * ```
 */
export interface OwnOpInputs {}

/** Input of each operation: its shorthand, its parameters, or both as text. */
export interface OpInputs extends OwnOpInputs {
  /** Shears, scales and rotates by a matrix. */
  readonly affine:
    | `${number}x${number}x${number}x${number}`
    | Text<`${number}x${number}x${number}x${number}`, keyof AffineParams>
    | AffineParams
  /** Applies the EXIF orientation before all other operations; on by default. */
  readonly autoOrient: boolean | Text<never, keyof AutoOrientParams> | AutoOrientParams
  /** Applies a Gaussian blur. */
  readonly blur: number | `${number}` | Text<never, keyof BlurParams> | BlurParams
  /** Enhances local contrast (contrast-limited adaptive histogram equalisation). */
  readonly clahe: number | `${number}` | Text<number, keyof ClaheParams> | ClaheParams
  /** Lays an image or a colour over the picture; several in a row are layers. */
  readonly composite: string | CompositeParams
  /** Multiplies the contrast around middle grey. */
  readonly contrast: number | `${number}` | Text<never, keyof ContrastParams> | ContrastParams
  /** Crops to a box, or to the largest area of an aspect ratio. */
  readonly crop:
    | `${number}x${number}`
    | `${number}x${number}@${number}x${number}`
    | `${number}:${number}`
    | `${number}/${number}`
    | Text<
        | `${number}x${number}`
        | `${number}x${number}@${number}x${number}`
        | `${number}:${number}`
        | `${number}/${number}`,
        keyof CropParams
      >
    | CropParams
  /** Sets the resolution for drawing an SVG, in pixels per inch; 72 by default. */
  readonly density: number | `${number}` | Text<never, keyof DensityParams> | DensityParams
  /** Maps the picture to a gradient between two colours. */
  readonly duotone: true | string | DuotoneParams
  /** Composites the picture onto a background and removes alpha. */
  readonly flatten: true | string | FlattenParams
  /** Mirrors the picture vertically (top to bottom). */
  readonly flip: true
  /** Mirrors the picture horizontally (left to right). */
  readonly flop: true
  /** Sets the output format and its encoder options; auto chooses the smallest format. */
  readonly format:
    | 'jpeg'
    | 'jpg'
    | 'png'
    | 'webp'
    | 'avif'
    | 'jxl'
    | 'gif'
    | 'tiff'
    | 'tif'
    | 'auto'
    | FormatText
    | FormatParams
  /** Brightens dark areas with a gamma curve. */
  readonly gamma: number | `${number}` | Text<never, keyof GammaParams> | GammaParams
  /** Converts the picture to greyscale. */
  readonly grayscale: true
  /** Multiplies each channel by a, and adds b. */
  readonly linear: number | `${number}` | Text<number, keyof LinearParams> | LinearParams
  /** Removes specks with a median filter. */
  readonly median: number | `${number}` | Text<never, keyof MedianParams> | MedianParams
  /** Selects the metadata to keep; by default all of it is removed. */
  readonly metadata:
    | 'strip'
    | 'keep'
    | 'icc'
    | 'exif'
    | 'copyright'
    | 'gps'
    | 'xmp'
    | 'iptc'
    | 'gainmap'
    | `${'icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'iptc' | 'gainmap'}${':' | ','}${string}`
    | readonly ('icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'iptc' | 'gainmap')[]
    | Text<never, keyof MetadataParams>
    | MetadataParams
  /** Adjusts brightness, saturation, hue and lightness. */
  readonly modulate: Text<never, keyof ModulateParams> | ModulateParams
  /** Inverts all colours, but not alpha. */
  readonly negate: true
  /** Stretches the lightness to the full range. */
  readonly normalize: true | Text<never, keyof NormalizeParams> | NormalizeParams
  /** Adds a border on each side, or pads to an aspect ratio. */
  readonly pad:
    | number
    | `${number}x${number}x${number}x${number}`
    | `${number}:${number}`
    | `${number}/${number}`
    | `${number}`
    | Text<
        number | `${number}x${number}x${number}x${number}` | `${number}:${number}` | `${number}/${number}`,
        keyof PadParams
      >
    | PadParams
  /** Chooses one page, frame or picture of a source that holds several, such as a TIFF, GIF, HEIC or ICO. */
  readonly page: number | `${number}` | Text<never, keyof PageParams> | PageParams
  /** Replaces blocks, in the whole picture or in regions, by their average. */
  readonly pixelate: true | number | `${number}` | Text<number, keyof PixelateParams> | PixelateParams
  /** Uses a JPEG's embedded EXIF thumbnail if it is good enough; many times faster. */
  readonly preview: 'embedded' | Text<never, keyof PreviewParams> | PreviewParams
  /** Recombines red, green and blue by a matrix, such as sepia. */
  readonly recomb:
    | 'sepia'
    | 'luma'
    | 'swapRedBlue'
    | Text<'sepia' | 'luma' | 'swapRedBlue', keyof RecombParams>
    | RecombParams
  /** Makes faces or objects unrecognisable. */
  readonly redact: 'faces' | 'objects' | Text<'faces' | 'objects', keyof RedactParams> | RedactParams
  /** Resizes the picture to a width, a height or both. */
  readonly resize:
    | number
    | `${number}%`
    | `${number}x${number}`
    | `x${number}`
    | `${number}`
    | Text<number | `${number}%` | `${number}x${number}` | `x${number}`, keyof ResizeParams>
    | ResizeParams
  /** Rotates the picture clockwise by any angle. */
  readonly rotate: number | `${number}` | Text<number, keyof RotateParams> | RotateParams
  /** Rounds the corners; 50% gives a circle or an ellipse. */
  readonly round: number | `${number}%` | `${number}` | Text<never, keyof RoundParams> | RoundParams
  /** Sharpens the lightness channel. */
  readonly sharpen: number | `${number}` | Text<number, keyof SharpenParams> | SharpenParams
  /** Converts every pixel to black or white. */
  readonly threshold: number | `${number}` | Text<never, keyof ThresholdParams> | ThresholdParams
  /** Fits the picture inside a box; never enlarges it. */
  readonly thumbnail:
    | number
    | `${number}x${number}`
    | `${number}`
    | Text<number | `${number}x${number}`, keyof ThumbnailParams>
    | ThumbnailParams
  /** Tints the picture with a colour, keeping its lightness. */
  readonly tint: string | TintParams
  /** Removes borders of one colour. */
  readonly trim: true | number | `${number}` | Text<number, keyof TrimParams> | TrimParams
  /** Makes white pixels transparent. */
  readonly unflatten: true
  /** Overlays an image or text. */
  readonly watermark: string | WatermarkParams
  /** Writes author, copyright, caption and the like into EXIF, XMP and IPTC, in place of those of the source. */
  readonly write: Text<never, keyof WriteParams> | WriteParams
}

export type OpName = keyof OpInputs

/** An operation: an object whose only key is its name. */
export type ImageOp = {
  // Pick keeps the documentation of the key.
  [N in OpName]: Pick<OpInputs, N> & { readonly [K in Exclude<OpName, N>]?: never }
}[OpName]
