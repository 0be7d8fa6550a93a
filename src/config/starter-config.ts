/** A project, as far as its config depends on it. */
export interface StarterProject {
  /** Name of the framework, for a comment. */
  readonly framework?: string | undefined
  /** Folder whose files are served as they are; undefined if there is none. */
  readonly publicFolder?: string | undefined
  /** Inputs of the batch. */
  readonly inputs: string
  /** Path or URL of the JSON Schema. */
  readonly schema: string
}

/** Name of the file that `imgproc init` writes. */
export const STARTER_FILE = 'imgproc.config.yaml'

/** Returns a config with comments, in YAML, for a project to start from. */
export function starterConfig({ framework, publicFolder, inputs, schema }: StarterProject): string {
  const served = framework === undefined ? 'are served as they are' : `${framework} serves as they are`
  const out =
    publicFolder === undefined
      ? `# Folder of the outputs, and the begin of their URLs on the web.
# out: public/img
# baseUrl: /img/
`
      : `# Folder of the outputs: files in ${publicFolder}/ ${served}. Their URLs begin with baseUrl.
out: ${quote(`${publicFolder}/img`)}
baseUrl: /img/
`
  return `# yaml-language-server: $schema=${schema}
# Config of imgproc. With the line above, editors complete and check it. imgproc list presets, imgproc list ops and
# imgproc run --help show the rest.

${out}
# Presets by name, besides those included.
presets:
  article:
    # AVIF, WebP and JPEG, for <picture>.
    extends: responsive
    # Pixels, one file each. A width above the source's becomes the source's, once.
    widths: [480, 960, 1600]
    # AVIF takes most of the time; effort is from 0 to 9.
    formats: [{ type: avif, effort: 2 }, webp, jpeg]
    # A blurred preview for imgproc markup --placeholder thumbhash.
    analyze: [thumbhash]
  card:
    # Operations, in the order they run.
    ops: [{ crop: 4/3 }, { resize: 480 }, { format: webp }]

# What imgproc run makes, if it is given no inputs.
batches:
  - inputs: ${quote(inputs)}
    presets: article
`
}

/** Quotes a text for YAML. Names of files may hold any character. */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : JSON.stringify(text)
}
