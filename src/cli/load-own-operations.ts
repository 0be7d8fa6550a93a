import { findConfigFile } from '../config/find-config.js'
import { loadOwnOperations } from '../config/load-config.js'

/**
 * Loads the operations of the config that a command line will use, so that they have flags. A mistake in the config is
 * reported by the command.
 */
export async function loadOperationsFor(argv: readonly string[], cwd: string): Promise<void> {
  try {
    const found = await findConfigFile(cwd, configOf(argv))
    if (found !== undefined) await loadOwnOperations(found)
  } catch {
    // As above.
  }
}

/** Returns the value of `--config`. */
function configOf(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => /^(?:-c|--config)(?:=|$)/.test(word))
  const [flag, ...value] = argv[at]?.split('=') ?? []
  return value.length > 0 ? value.join('=') : flag === undefined ? undefined : argv[at + 1]
}
