import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BLAZE_FACE } from '../../../src/analyzers/vision/models/blaze-face.js'
import { CENTER_NET } from '../../../src/analyzers/vision/models/center-net.js'
import { findModelFiles } from '../../../src/analyzers/vision/models/model-files.js'
import { modelMemory, runModel } from '../../../src/analyzers/vision/models/model-worker.js'
import { PROCESS_BYTES } from '../../../src/engines/memory-budget.js'
import { createExecution } from '../../../src/run/execution.js'
import { NSFW_MOBILE_NET } from '../../../src/analyzers/vision/models/nsfw-mobile-net.js'

const MODELS = [BLAZE_FACE, CENTER_NET, NSFW_MOBILE_NET]
const NO_LIMIT = { seconds: 0 }

function blank({ side }: { readonly side: number }): Uint8Array {
  return new Uint8Array(side * side * 3)
}

describe.each(MODELS)('the model $id', (model) => {
  it('returns each output for each picture', async () => {
    const outputs = await runModel(model, Buffer.concat([blank(model), blank(model)]), NO_LIMIT)
    expect(outputs).toHaveLength(2)
    for (const one of outputs) expect(Object.keys(one).toSorted()).toEqual(model.outputs.toSorted())
  })

  it('is refused with INVALID_CONFIG if its package holds other weights', async () => {
    const other = { ...model, id: `${model.id}-other`, sha256: '0'.repeat(64) }
    await expect(runModel(other, blank(model), NO_LIMIT)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/^The package \S+ holds another version of the model/) as string,
    })
    // The next call gets a new thread.
    expect(await runModel(model, blank(model), NO_LIMIT)).toHaveLength(1)
  })

  it('names the packages to install if one is missing', () => {
    expect(() => findModelFiles({ ...model, package: 'not-installed-here' })).toThrow(
      /needs the package not-installed-here, .*npm install @tensorflow\/tfjs-core .* not-installed-here$/,
    )
  })
})

describe('a model', () => {
  it('is counted in the memory of a run as soon as it has answered, and more with each other one', async () => {
    await runModel(BLAZE_FACE, blank(BLAZE_FACE), NO_LIMIT)
    const first = modelMemory.retainedBytes()
    // TensorFlow.js alone takes 30 MB; the weights of CenterNet have 18 MB.
    expect(first).toBeGreaterThan(30e6)
    expect(first).toBeLessThan(500e6)
    await runModel(CENTER_NET, blank(CENTER_NET), NO_LIMIT)
    expect(modelMemory.retainedBytes()).toBeLessThan(500e6)
    expect(modelMemory.retainedBytes()).toBeGreaterThanOrEqual(first)
  })

  it('leaves less memory for pictures', async () => {
    await runModel(BLAZE_FACE, blank(BLAZE_FACE), NO_LIMIT)
    const ofModels = modelMemory.retainedBytes()
    const budget = 300e6
    const compute = createExecution(PROCESS_BYTES + budget, 2).compute!
    const most = async (bytes: number) => {
      let running = 0
      let highest = 0
      const work = async () => {
        running++
        highest = Math.max(highest, running)
        await setTimeout(20)
        running--
      }
      await Promise.all([compute(work, bytes), compute(work, bytes)])
      return highest
    }
    // A model's memory grows a little while it waits.
    expect(await most((budget - ofModels) / 2 - 10e6)).toBe(2)
    // Both would fit if the models took nothing.
    expect(await most(budget / 2)).toBe(1)
  })

  it('that takes longer than the limit ends with TIMED_OUT, and the next call succeeds', async () => {
    await expect(runModel(CENTER_NET, blank(CENTER_NET), { seconds: 0.001 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
    expect(await runModel(BLAZE_FACE, blank(BLAZE_FACE), NO_LIMIT)).toHaveLength(1)
  })

  it('stops when the signal aborts', async () => {
    const stop = new AbortController()
    const call = runModel(CENTER_NET, Buffer.concat([blank(CENTER_NET), blank(CENTER_NET)]), {
      seconds: 0,
      signal: stop.signal,
    })
    void setTimeout(20).then(() => stop.abort())
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
