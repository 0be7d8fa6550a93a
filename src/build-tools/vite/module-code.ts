import type { ManifestEntry, ReadyOutput } from '../../manifest/types.js'
import { pictureData } from '../../report/picture/picture-data.js'
import type { ImageImport } from './image-id.js'

/** Stands for the URL of an output, until it is known by which expression to write it. */
const MARK = /__IMGPROC_URL_(\d+)__/g

/** The URL of an output in a module: a text, or the default export of another module. */
export type OutputUrl = { readonly url: string } | { readonly module: string }

/** Returns the code of the module of a picture. */
export function toModuleCode(
  entry: ManifestEntry,
  image: ImageImport,
  toUrl: (output: ReadyOutput) => OutputUrl,
): string {
  const ready = entry.outputs.filter((output) => output.status === 'ready')
  const urls = ready.map(toUrl)
  const marked: ManifestEntry = {
    ...entry,
    outputs: ready.map((output, at) => ({ ...output, url: `__IMGPROC_URL_${at}__` })),
  }
  const { preset, sizes, placeholder } = image
  const { img, ...data } = pictureData(toManifest(marked), entry.source.path, {
    // The page gives the text alternative.
    decorative: true,
    preset,
    sizes,
    placeholder,
  })
  const { alt: _, ...attributes } = img
  const imports = urls.flatMap((url, at) =>
    'module' in url ? `import url${at} from ${JSON.stringify(url.module)}` : [],
  )
  const main = image.as === undefined ? { ...data, img: attributes } : (img[image.as] ?? img.src)
  const write = (value: unknown) => writeUrls(JSON.stringify(value), urls)
  return [...imports, `export const entry = ${write(marked)}`, `export default ${write(main)}`, ''].join('\n')
}

/** Replaces marks, which are inside strings of JSON. */
function writeUrls(json: string, urls: readonly OutputUrl[]): string {
  return json.replaceAll(MARK, (mark, at: string) => {
    const url = urls[Number(at)]
    if (url === undefined) return mark
    return 'url' in url ? JSON.stringify(url.url).slice(1, -1) : `" + url${at} + "`
  })
}

function toManifest(entry: ManifestEntry) {
  const tool = { name: 'imgproc', version: '', sharp: '', libvips: '' } as const
  return { version: 1, tool, entries: [entry] } as const
}
