import { createRequire } from 'node:module'
import { join } from 'node:path'
import sharp from 'sharp'
import type { KnownFace } from './known-faces.js'

/** Score from which the judge counts a face. */
const MIN_SCORE = 0.5
/** Pixels: the judge sees 512x512 of them whatever it is given. */
const VIEW_SIDE = 1024

/** The part of @vladmandic/face-api that the judge uses. Its own types need those of TensorFlow.js. */
interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<boolean>
    tensor3d(values: Int32Array, shape: readonly [number, number, number]): { dispose(): void }
    env(): { set(flag: string, value: boolean): void }
  }
  readonly nets: { readonly ssdMobilenetv1: { loadFromDisk(folder: string): Promise<void> } }
  readonly SsdMobilenetv1Options: new (options: { minConfidence: number; maxResults: number }) => object
  detectAllFaces(
    tensor: object,
    options: object,
  ): Promise<readonly { readonly relativeBox: Readonly<Record<'x' | 'y' | 'width' | 'height', number>> }[]>
}

/**
 * Loads SSD MobileNet 1 of @vladmandic/face-api, which was trained on WIDER FACE: another network, by other people, on other
 * pictures than BlazeFace. Its boxes go from the hair line to the chin. Returns a function that finds the faces of a photo.
 */
export async function loadJudge(): Promise<(file: string) => Promise<readonly KnownFace[]>> {
  const require = createRequire(import.meta.url)
  const folder = join(require.resolve('@vladmandic/face-api/package.json'), '..')
  const api = require(join(folder, 'dist/face-api.node-wasm.js')) as FaceApi
  api.tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  await api.tf.setBackend('wasm')
  await api.nets.ssdMobilenetv1.loadFromDisk(join(folder, 'model'))
  const options = new api.SsdMobilenetv1Options({ minConfidence: MIN_SCORE, maxResults: 200 })
  return async (file) => {
    const { data, info } = await sharp(file, { autoOrient: true })
      .resize(VIEW_SIDE, VIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const tensor = api.tf.tensor3d(Int32Array.from(data), [info.height, info.width, 3])
    const found = await api.detectAllFaces(tensor, options)
    tensor.dispose()
    return found.map(({ relativeBox: { x, y, width, height } }) => ({ left: x, top: y, width, height }))
  }
}
