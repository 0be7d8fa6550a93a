import type { Model } from './model-files.js'
import type { ModelOutputs } from './model-worker.js'

const OUTPUT = 'Identity'

/** MobileNet 2 of NSFWJS ("MobileNetV2Mid"), which its authors trained on 300,000 pictures of five classes. */
export const NSFW_MOBILE_NET: Model = {
  id: 'nsfwjs-mobilenet2-mid/1',
  package: 'nsfwjs',
  topology: 'dist/models/mobilenet_v2_mid/model.min.js',
  weights: [
    'dist/models/mobilenet_v2_mid/group1-shard1of2.min.js',
    'dist/models/mobilenet_v2_mid/group1-shard2of2.min.js',
  ],
  sha256: 'fee38f0bcbad1a223b8301c014bbf78984365aef5ab08fc3289ed4229ab67f0e',
  side: 224,
  scale: 1 / 255,
  offset: 0,
  outputs: [OUTPUT],
}

/** Classes in the order of the model's output. */
const CLASSES = ['drawing', 'hentai', 'neutral', 'porn', 'sexy']

/** Returns the classes with their scores from 0 to 1. */
export function readNsfwClasses(outputs: ModelOutputs): { name: string; score: number }[] {
  const scores = outputs[OUTPUT]
  if (scores?.length !== CLASSES.length)
    throw new Error('The model of NSFWJS has other outputs than expected')
  return CLASSES.map((name, index) => ({ name, score: scores[index]! }))
}
