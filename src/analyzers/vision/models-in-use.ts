import { visionAnalyzers, type CustomAnalyzers } from '../load-analyzers.js'

/** Returns name and version of each included analyzer's model, by the names of the analyzers. Custom ones have none. */
export function modelsInUse(custom: CustomAnalyzers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    visionAnalyzers.flatMap(({ name, model }) =>
      model === undefined || Object.hasOwn(custom, name) ? [] : [[name, model]],
    ),
  )
}
