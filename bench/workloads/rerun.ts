import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { callImgproc, scaleCount, type Workload } from '../bench.js'
import { makeFolder, race, timeCommands, type Contender } from '../measure.js'

export const rerun: Workload = {
  id: '6',
  title: 'rerun over 10,000 unchanged images',
  async measure(bench) {
    const set = await bench.corpus.take('tiny', scaleCount(bench, 10_000))
    const out = await makeFolder(bench.out)
    const again = callImgproc(bench, ['thumbs', set.folder, '-o', out])
    const { seconds: first } = await timeCommands([again])
    const repository = await commitAll(set.folder, await makeFolder(bench.out))
    const ours: Contender = {
      name: 'imgproc',
      role: 'ours',
      commands: () => [again],
      // The outputs of the first run.
      keeps: out,
    }
    const find: Contender = {
      name: 'find, which stats every file',
      role: 'limit',
      commands: () => [{ file: 'find', args: [set.folder, out, '-newermt', '2100-01-01'] }],
      keeps: out,
    }
    const git: Contender = {
      name: 'git status, over the sources',
      role: 'limit',
      commands: () => [{ file: 'git', args: [...repository, 'status', '--porcelain'] }],
      keeps: out,
    }
    const { series, notes } = await race([ours, find, git], { ...bench, set, warmUp: set })
    const note = `the first run took ${first.toFixed(1)} s`
    return { images: set.files.length, series, checks: [], notes: [...notes, note] }
  },
}

/** Adds all files of a folder to the index of a new repository beside it; returns the arguments that name it to Git. */
async function commitAll(folder: string, repository: string): Promise<readonly string[]> {
  const args = ['--git-dir', repository, '--work-tree', folder]
  await promisify(execFile)('git', ['init', '--quiet', '--bare', repository])
  await promisify(execFile)('git', [...args, 'add', '.'], { maxBuffer: 2 ** 26 })
  return args
}
