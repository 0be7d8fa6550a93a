import { findCloudAnalyzer, visionAnalyzers, type CustomAnalyzers } from '../load-analyzers.js'

/**
 * Returns name and version of the model of each analyzer for pictures' contents, by the names of the analyzers. Those of
 * the user have none.
 */
export function modelsInUse(custom: CustomAnalyzers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    visionAnalyzers.flatMap((included) => {
      const own = Object.hasOwn(custom, included.name) ? custom[included.name] : undefined
      const { name, model } =
        own === undefined ? included : { name: included.name, model: modelOf(included.name, own) }
      return model === undefined ? [] : [[name, model]]
    }),
  )
}

function modelOf(name: string, own: NonNullable<CustomAnalyzers[string]>): string | undefined {
  return typeof own === 'string' ? findCloudAnalyzer(name, own)?.model : own.model
}
