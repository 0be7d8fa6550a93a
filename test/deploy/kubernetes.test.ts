import { readdir, readFile } from 'node:fs/promises'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { ConfigMap, Service, ServiceAccount } from 'kubernetes-models/v1'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { configSchema } from '../../src/config/schema.js'
import { createQueueExecutor } from '../../src/queue/queue-executor.js'
import { result } from '../manifest/results.js'
import { openTestQueue, useRedis } from '../queue/setup.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { imgproc } from '../cli/command.js'
import { makeProject } from '../support/project.js'

const FOLDER = new URL('../../deploy/kubernetes/', import.meta.url)
const KINDS = { ConfigMap, Deployment, ScaledObject, Service, ServiceAccount, StatefulSet }

interface Container {
  readonly args: readonly string[]
  readonly env?: readonly {
    readonly name: string
    readonly valueFrom: { readonly configMapKeyRef?: { readonly key: string } }
  }[]
}

interface Resource {
  readonly kind: keyof typeof KINDS
  readonly metadata: { readonly name: string }
  readonly data: Readonly<Record<string, string>>
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly [Container]
      }
    }
    readonly scaleTargetRef: { readonly name: string }
    readonly triggers: readonly { readonly metadata: { readonly listName: string } }[]
  }
}

const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'))
const all = (
  await Promise.all(
    files.map(async (name) => parseAllDocuments(await readFile(new URL(name, FOLDER), 'utf8'))),
  )
)
  .flat()
  .map((document) => document.toJS() as Resource) // the schemas are checked below

const find = (kind: string, name: string): Resource => {
  const found = all.find((each) => each.kind === kind && each.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}
const containerOf = (name: string) => find('Deployment', name).spec.template.spec.containers[0]

/** Throws if a resource does not follow the schema of its kind. */
function validate(resource: Resource): void {
  const Model = KINDS[resource.kind] as unknown as new (data: unknown) => { validate: () => void }
  new Model(resource).validate()
}

describe('deploy/kubernetes', () => {
  it.each(all.map((each) => [`${each.kind} ${each.metadata.name}`, each] as const))(
    'has a %s that follows its schema',
    (_name, resource) => {
      expect(() => validate(resource)).not.toThrow()
    },
  )

  it('would notice a mistake', () => {
    const worker = find('Deployment', 'imgproc-worker')
    expect(() =>
      validate({ ...worker, spec: { ...worker.spec, replicas: 'two' } } as unknown as Resource),
    ).toThrow('replicas')
  })

  it('has a config that imgproc accepts', () => {
    const { data } = find('ConfigMap', 'imgproc')
    expect(configSchema().safeParse(parse(data['imgproc.config.yaml'] ?? '')).error).toBeUndefined()
  })

  it.each(['imgproc-worker', 'imgproc-server'])('has flags in %s that imgproc knows', async (name) => {
    const { data } = find('ConfigMap', 'imgproc')
    const { args, env = [] } = containerOf(name)
    const values = env.map((each) => [each.name, data[each.valueFrom.configMapKeyRef?.key ?? '']] as const)
    const words = args.map((arg) =>
      values.reduce((text, [key, value = '']) => text.replace(`$(${key})`, value), arg),
    )
    // Flags are parsed in their order, and only the last is wrong.
    const { stderr } = await imgproc(await makeProject(), [...words, '--no-such-flag'])
    expect(stderr).toMatch(/^[^\n]*--no-such-flag/)
  })

  it('gives workers longer than they take to drain', () => {
    const { args } = containerOf('imgproc-worker')
    const drain = Number.parseInt(args[args.indexOf('--drain') + 1] ?? '', 10)
    const { terminationGracePeriodSeconds } = find('Deployment', 'imgproc-worker').spec.template.spec
    expect(terminationGracePeriodSeconds).toBeGreaterThan(drain)
  })

  it.skipIf(!hasRedis)(`scales by the keys that jobs wait in${NEEDS_REDIS}`, async () => {
    const { scaleTargetRef, triggers } = find('ScaledObject', 'imgproc-worker').spec
    expect(() => containerOf(scaleTargetRef.name)).not.toThrow()
    const queue = await openTestQueue(redis().url, 'images')
    const executor = createQueueExecutor(queue, { shared: ['/'] })
    const waiting = executor.execute(result('a.jpg', []).job, 'normal')
    const [prioritized = '', active = ''] = triggers.map(({ metadata }) => metadata.listName)
    await expect.poll(() => queue.client.zcard(prioritized)).toBe(1)
    await executor.stop()
    await waiting
    expect(active).toBe(queue.keyOf('active'))
  })
})

const redis = useRedis()
