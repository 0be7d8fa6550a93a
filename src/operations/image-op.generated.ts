// Generated from the registry by `npm run generate`: change an operation there, not here.

/** Where what is kept lies: an edge or corner, in sharp's words. */
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

/** A gravity, or what libvips finds: the most striking part, or the busiest. */
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

/** Turns the pixels as the EXIF orientation says before anything else; on unless set to false. */
export interface AutoOrientParams {
  /** `false` leaves pixels and tag as they are. */
  readonly enabled: boolean
}

/** Blurs the picture with a Gaussian. */
export interface BlurParams {
  /** Standard deviation of the Gaussian in pixels. */
  readonly sigma: number
}

/** Brings out local contrast: contrast limited adaptive histogram equalisation. */
export interface ClaheParams {
  /** Width in pixels of the region around each pixel. */
  readonly width: number
  /** Height in pixels of the region around each pixel. */
  readonly height: number
  /** How far contrast may be raised; 0 is without limit. @default 3 */
  readonly maxSlope?: number | undefined
}

/** Raises or lowers the contrast around middle grey. */
export interface ContrastParams {
  /** 1 changes nothing, 0 leaves only grey. */
  readonly factor: number
}

/** Keeps a part of the picture: a box, or the largest part of an aspect ratio. */
export interface CropParams {
  /** Width of what is kept, in pixels or per cent. */
  readonly width?: number | `${number}%` | undefined
  /** Height of what is kept, in pixels or per cent. */
  readonly height?: number | `${number}%` | undefined
  /** Its distance from the left edge, in pixels or per cent. */
  readonly left?: number | `${number}%` | undefined
  /** Its distance from the top edge, in pixels or per cent. */
  readonly top?: number | `${number}%` | undefined
  /** Keeps the largest part of this aspect ratio, instead of a width and height. */
  readonly aspect?: number | string | undefined
  /** Where what is kept lies, unless left and top say it. @default "centre" */
  readonly position?: Position | undefined
}

/** Pixels an inch at which an SVG is drawn; 72 unless given. It decides the size that operations see. */
export interface DensityParams {
  /** Pixels an inch. Pictures that have pixels already ignore it. */
  readonly dpi: number
}

/** Puts the picture on a background and drops its alpha channel. */
export interface FlattenParams {
  /** The colour that is put behind the picture. @default "white" */
  readonly background?: string | undefined
}

/** JPEG and its encoder's options. */
export interface JpegFormat {
  readonly type: 'jpeg'
  /** The most bytes: the highest quality that fits is taken, up to `quality` where that is given. */
  readonly maxBytes?: number | string | undefined
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100; 80 unless given; `auto` is the lowest from 30 to 95 that keeps `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** What `quality: 'auto'` keeps, as SSIM of 1 at most; 0.998 unless given. */
  readonly similarity?: number | undefined
  /** Progressive scans. */
  readonly progressive?: boolean | undefined
  /** `4:4:4` keeps colour at full resolution. */
  readonly chromaSubsampling?: '4:2:0' | '4:4:4' | undefined
  /** mozjpeg's defaults: smaller, slower. */
  readonly mozjpeg?: boolean | undefined
  /** Optimal Huffman tables; on unless set to false. */
  readonly optimiseCoding?: boolean | undefined
  /** Trellis quantisation. */
  readonly trellisQuantisation?: boolean | undefined
  /** Overshoot deringing. */
  readonly overshootDeringing?: boolean | undefined
  /** Optimal progressive scans. */
  readonly optimiseScans?: boolean | undefined
  /** Quantisation table, 0 to 8. */
  readonly quantisationTable?: number | undefined
}

/** PNG and its encoder's options. */
export interface PngFormat {
  readonly type: 'png'
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** zlib level; 6 unless given. */
  readonly compressionLevel?: number | undefined
  /** Adaptive row filters. */
  readonly adaptiveFiltering?: boolean | undefined
  /** Interlaced. */
  readonly progressive?: boolean | undefined
  /** Reduce to a palette, with alpha. */
  readonly palette?: boolean | undefined
  /** The fewest colours that reach this quality; sets palette. */
  readonly quality?: number | undefined
  /** CPU effort; sets palette. */
  readonly effort?: number | undefined
  /** The most palette entries; sets palette. */
  readonly colours?: number | undefined
  /** Floyd-Steinberg error diffusion; sets palette. */
  readonly dither?: number | undefined
}

/** WEBP and its encoder's options. */
export interface WebpFormat {
  readonly type: 'webp'
  /** The most bytes: the highest quality that fits is taken, up to `quality` where that is given. */
  readonly maxBytes?: number | string | undefined
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100; 80 unless given; `auto` is the lowest from 30 to 95 that keeps `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** What `quality: 'auto'` keeps, as SSIM of 1 at most; 0.998 unless given. */
  readonly similarity?: number | undefined
  /** Quality of the alpha channel; 100 unless given. */
  readonly alphaQuality?: number | undefined
  /** Lossless compression. */
  readonly lossless?: boolean | undefined
  /** Near-lossless compression. */
  readonly nearLossless?: boolean | undefined
  /** Sharper chroma subsampling. */
  readonly smartSubsample?: boolean | undefined
  /** Tuned deblocking; slow. */
  readonly smartDeblock?: boolean | undefined
  /** Kind of picture. */
  readonly preset?: 'default' | 'photo' | 'picture' | 'drawing' | 'icon' | 'text' | undefined
  /** CPU effort; 4 unless given. */
  readonly effort?: number | undefined
  /** Smallest animation; slow. */
  readonly minSize?: boolean | undefined
  /** Keep the colour of transparent pixels. */
  readonly exact?: boolean | undefined
  /** Lossy and lossless frames in one animation. */
  readonly mixed?: boolean | undefined
}

/** AVIF and its encoder's options. */
export interface AvifFormat {
  readonly type: 'avif'
  /** The most bytes: the highest quality that fits is taken, up to `quality` where that is given. */
  readonly maxBytes?: number | string | undefined
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100; 50 unless given; `auto` is the lowest from 30 to 95 that keeps `similarity`. */
  readonly quality?: number | 'auto' | undefined
  /** What `quality: 'auto'` keeps, as SSIM of 1 at most; 0.998 unless given. */
  readonly similarity?: number | undefined
  /** Lossless compression. */
  readonly lossless?: boolean | undefined
  /** CPU effort; 4 unless given. */
  readonly effort?: number | undefined
  /** `4:2:0` halves the resolution of colour; `4:4:4` unless given. */
  readonly chromaSubsampling?: '4:2:0' | '4:4:4' | undefined
  /** Bits a channel; 8 unless given. */
  readonly bitdepth?: 8 | 10 | 12 | undefined
  /** The metric that the encoder is tuned for; `auto` unless given. */
  readonly tune?: 'auto' | 'iq' | 'psnr' | 'ssim' | undefined
}

/** GIF and its encoder's options. */
export interface GifFormat {
  readonly type: 'gif'
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** The most palette entries, transparency among them. */
  readonly colours?: number | undefined
  /** CPU effort; 7 unless given. */
  readonly effort?: number | undefined
  /** Floyd-Steinberg error diffusion; 1 unless given. */
  readonly dither?: number | undefined
  /** Reuse the palette of the input. */
  readonly reuse?: boolean | undefined
  /** Interlaced. */
  readonly progressive?: boolean | undefined
  /** Largest difference between frames that becomes transparent. */
  readonly interFrameMaxError?: number | undefined
  /** Largest difference between palettes that are shared. */
  readonly interPaletteMaxError?: number | undefined
}

/** TIFF and its encoder's options. */
export interface TiffFormat {
  readonly type: 'tiff'
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** 1 to 100, for JPEG and WebP compression; 80 unless given. */
  readonly quality?: number | undefined
  /** `jpeg` unless given, `deflate` where that would lose depth or alpha. */
  readonly compression?: 'none' | 'jpeg' | 'deflate' | 'packbits' | 'lzw' | 'webp' | undefined
  /** Predictor for lossless compression. */
  readonly predictor?: 'none' | 'horizontal' | 'float' | undefined
  /** An image pyramid. */
  readonly pyramid?: boolean | undefined
  /** Tiled. */
  readonly tile?: boolean | undefined
}

/** The smallest of some formats, settled for each picture. */
export interface AutoFormat {
  readonly type: 'auto'
  /** Formats to choose from; all but those that need not apply unless given. */
  readonly among?: readonly ('jpeg' | 'png' | 'webp' | 'avif' | 'gif')[] | undefined
  /** The most bytes: the highest quality that fits is taken, up to `quality` where that is given. */
  readonly maxBytes?: number | string | undefined
  /** Where nothing but the encoding would change, and would make it larger, the source is kept. */
  readonly neverGrow?: boolean | undefined
  /** Each encoder's default; `auto` is the lowest that keeps `similarity`. */
  readonly quality?: 'auto' | undefined
  /** What `quality: 'auto'` keeps, as SSIM of 1 at most; 0.998 unless given. */
  readonly similarity?: number | undefined
}

/** The output's format, with exactly that encoder's options; auto is the smallest for the picture. */
export type FormatParams =
  | JpegFormat
  | PngFormat
  | WebpFormat
  | AvifFormat
  | GifFormat
  | TiffFormat
  | AutoFormat

/** Brightens the dark parts, by a gamma curve. */
export interface GammaParams {
  /** The exponent, 1 to 3; 1 changes nothing. */
  readonly value: number
}

/** Takes out specks: each pixel becomes the median of those around it. */
export interface MedianParams {
  /** Side in pixels of the square around each pixel. */
  readonly size: number
}

/** What is kept of colour profile, EXIF, XMP, position and HDR gain map. Nothing is, unless asked for. */
export interface MetadataParams {
  /** Parts to keep: `icc` the colour profile (else colours become sRGB), `exif` all but position and the embedded thumbnail, `gps` the position, `copyright` only author and copyright, `xmp` XMP, without coordinates unless `gps` is a part too, `gainmap` what makes a JPEG shine on HDR screens, as long as it stays JPEG, is only scaled, cropped and turned, and nothing is searched for. IPTC is never kept. */
  readonly keep:
    | 'nothing'
    | 'everything'
    | readonly ('icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'gainmap')[]
}

/** Changes brightness, saturation, hue and lightness. */
export interface ModulateParams {
  /** Multiplies the lightness. @default 1 */
  readonly brightness?: number | undefined
  /** Multiplies the chroma; 0 is grey. @default 1 */
  readonly saturation?: number | undefined
  /** Degrees by which the hue turns. @default 0 */
  readonly hue?: number | undefined
  /** Added to the lightness, -100 to 100. @default 0 */
  readonly lightness?: number | undefined
}

/** Stretches the lightness to the full range. */
export interface NormalizeParams {
  /** The percentile of lightness that becomes black. @default 1 */
  readonly lower?: number | undefined
  /** The percentile of lightness that becomes white. @default 99 */
  readonly upper?: number | undefined
}

/** Adds a border on each side, or to an aspect ratio. */
export interface PadParams {
  /** Pixels above. */
  readonly top?: number | undefined
  /** Pixels to the right. */
  readonly right?: number | undefined
  /** Pixels below. */
  readonly bottom?: number | undefined
  /** Pixels to the left. */
  readonly left?: number | undefined
  /** Pads to this aspect ratio, evenly on two sides, instead. */
  readonly aspect?: number | string | undefined
  /** What the padding shows: a colour, or the picture mirrored, its edge or the picture again. @default "background" */
  readonly fill?: 'background' | 'mirror' | 'copy' | 'repeat' | undefined
  /** The colour of the padding. @default "transparent" */
  readonly background?: string | undefined
}

/** Starts from the small picture that a camera puts into a JPEG's EXIF, wherever it is good enough: many times as fast. */
export interface PreviewParams {
  /** `embedded` is the camera's thumbnail. A picture without one, or whose thumbnail is too small, of another shape, damaged or framed by black bars, is made from itself, as are those whose metadata is kept. */
  readonly source: 'embedded'
}

/** Scales the picture to a width, a height or both. */
export interface ResizeParams {
  /** Width in pixels, or in per cent of the picture. */
  readonly width?: number | `${number}%` | undefined
  /** Height in pixels, or in per cent of the picture. */
  readonly height?: number | `${number}%` | undefined
  /** How two sizes are met, as in CSS `object-fit`. With one size the other follows. @default "cover" */
  readonly fit?: 'cover' | 'contain' | 'fill' | 'inside' | 'outside' | undefined
  /** What `cover` keeps, or where `contain` puts the picture. @default "centre" */
  readonly position?: Position | undefined
  /** What `contain` fills the rest with. @default "transparent" */
  readonly background?: string | undefined
  /** The interpolation kernel. @default "lanczos3" */
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
  /** Whether the picture may become larger than it was. @default false */
  readonly enlarge?: boolean | undefined
}

/** Rotates the picture clockwise by any angle. */
export interface RotateParams {
  /** Degrees, clockwise. */
  readonly angle: number
  /** What fills the corners that a slanted picture leaves. @default "transparent" */
  readonly background?: string | undefined
}

/** Rounds the corners; 50% makes a circle or an ellipse. */
export interface RoundParams {
  /** Radius in pixels, or in per cent of each side. */
  readonly radius: number | `${number}%`
}

/** Sharpens the lightness of the picture. */
export interface SharpenParams {
  /** Standard deviation, in pixels, of the Gaussian mask. */
  readonly sigma: number
  /** How much flat areas are sharpened. @default 1 */
  readonly m1?: number | undefined
  /** How much jagged areas are sharpened. @default 2 */
  readonly m2?: number | undefined
  /** The threshold between flat and jagged. @default 2 */
  readonly x1?: number | undefined
  /** The most that anything is brightened. @default 10 */
  readonly y2?: number | undefined
  /** The most that anything is darkened. @default 20 */
  readonly y3?: number | undefined
}

/** Makes every pixel black or white. */
export interface ThresholdParams {
  /** The grey, 1 to 255, from which on a pixel is white. */
  readonly level: number
}

/** Makes the picture fit inside a box, its aspect ratio kept, and never enlarges it. */
export interface ThumbnailParams {
  /** Width of the box in pixels. */
  readonly width?: number | undefined
  /** Height of the box in pixels. */
  readonly height?: number | undefined
  /** `inside` keeps the whole picture; `cover` fills the box and crops what is too much. @default "inside" */
  readonly fit?: 'inside' | 'cover' | undefined
  /** What `cover` keeps. @default "centre" */
  readonly position?: Position | undefined
}

/** Gives the whole picture the hue of a colour, its lightness kept. */
export interface TintParams {
  /** The colour. */
  readonly colour: string
}

/** Cuts off borders of one colour. */
export interface TrimParams {
  /** How far a pixel may be from the border colour, 0 to 255. @default 10 */
  readonly threshold?: number | undefined
  /** The border's colour; that of the top left pixel unless given. */
  readonly background?: string | undefined
  /** Pixels of the border that are left. @default 0 */
  readonly margin?: number | undefined
}

/** Lays a picture or a text on the picture. */
export interface WatermarkParams {
  /** Path of the picture that is laid on. */
  readonly image?: string | undefined
  /** Text that is laid on, instead of a picture. */
  readonly text?: string | undefined
  /** Edge or corner where it lies. @default "southeast" */
  readonly position?: Gravity | undefined
  /** Whether it is repeated over the whole picture. @default false */
  readonly tile?: boolean | undefined
  /** 1 hides what is under it, 0 shows nothing of it. @default 1 */
  readonly opacity?: number | undefined
  /** Its width as a share of the picture's; a picture keeps its own size, a text takes 0.25, unless given. */
  readonly scale?: number | undefined
  /** Pixels to the edge, or between tiles. @default 0 */
  readonly margin?: number | undefined
  /** How its colours meet those of the picture. @default "over" */
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
  /** Colour of a text. @default "white" */
  readonly colour?: string | undefined
  /** Font of a text, as fontconfig names it. @default "sans" */
  readonly font?: string | undefined
}

/** What each operation takes: its shorthand or its parameters. */
export interface OpInputs {
  /** Turns the pixels as the EXIF orientation says before anything else; on unless set to false. */
  readonly autoOrient: boolean | AutoOrientParams
  /** Blurs the picture with a Gaussian. */
  readonly blur: number | BlurParams
  /** Brings out local contrast: contrast limited adaptive histogram equalisation. */
  readonly clahe: number | ClaheParams
  /** Raises or lowers the contrast around middle grey. */
  readonly contrast: number | ContrastParams
  /** Keeps a part of the picture: a box, or the largest part of an aspect ratio. */
  readonly crop: `${number}x${number}` | `${number}x${number}@${number}x${number}` | CropParams
  /** Pixels an inch at which an SVG is drawn; 72 unless given. It decides the size that operations see. */
  readonly density: number | DensityParams
  /** Puts the picture on a background and drops its alpha channel. */
  readonly flatten: true | string | FlattenParams
  /** Mirrors the picture top to bottom. */
  readonly flip: true
  /** Mirrors the picture left to right. */
  readonly flop: true
  /** The output's format, with exactly that encoder's options; auto is the smallest for the picture. */
  readonly format:
    | 'jpeg'
    | 'png'
    | 'webp'
    | 'avif'
    | 'gif'
    | 'tiff'
    | 'auto'
    | FormatParams
    | `${'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'auto'}:${string}=${string}`
  /** Brightens the dark parts, by a gamma curve. */
  readonly gamma: number | GammaParams
  /** Takes the colours out: what remains is one channel of grey. */
  readonly grayscale: true
  /** Takes out specks: each pixel becomes the median of those around it. */
  readonly median: number | MedianParams
  /** What is kept of colour profile, EXIF, XMP, position and HDR gain map. Nothing is, unless asked for. */
  readonly metadata:
    | 'strip'
    | 'keep'
    | 'icc'
    | 'exif'
    | 'copyright'
    | 'gps'
    | 'xmp'
    | 'gainmap'
    | `${'icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'gainmap'}${':' | ','}${string}`
    | readonly ('icc' | 'exif' | 'copyright' | 'gps' | 'xmp' | 'gainmap')[]
    | MetadataParams
  /** Changes brightness, saturation, hue and lightness. */
  readonly modulate: ModulateParams
  /** Turns every colour into its opposite. */
  readonly negate: true
  /** Stretches the lightness to the full range. */
  readonly normalize: true | NormalizeParams
  /** Adds a border on each side, or to an aspect ratio. */
  readonly pad: number | `${number}x${number}x${number}x${number}` | PadParams
  /** Starts from the small picture that a camera puts into a JPEG's EXIF, wherever it is good enough: many times as fast. */
  readonly preview: 'embedded' | PreviewParams
  /** Scales the picture to a width, a height or both. */
  readonly resize: number | `${number}%` | `${number}x${number}` | `x${number}` | ResizeParams
  /** Rotates the picture clockwise by any angle. */
  readonly rotate: number | RotateParams
  /** Rounds the corners; 50% makes a circle or an ellipse. */
  readonly round: number | `${number}%` | RoundParams
  /** Sharpens the lightness of the picture. */
  readonly sharpen: number | SharpenParams
  /** Makes every pixel black or white. */
  readonly threshold: number | ThresholdParams
  /** Makes the picture fit inside a box, its aspect ratio kept, and never enlarges it. */
  readonly thumbnail: number | `${number}x${number}` | ThumbnailParams
  /** Gives the whole picture the hue of a colour, its lightness kept. */
  readonly tint: string | TintParams
  /** Cuts off borders of one colour. */
  readonly trim: true | number | TrimParams
  /** Lays a picture or a text on the picture. */
  readonly watermark: string | WatermarkParams
}

export type OpName = keyof OpInputs

/** One operation: an object with one key, its name. */
export type ImageOp = {
  [N in OpName]: { readonly [K in N]: OpInputs[N] } & { readonly [K in Exclude<OpName, N>]?: never }
}[OpName]
