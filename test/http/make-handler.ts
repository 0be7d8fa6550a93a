import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createHandler } from '../../src/http/create-handler.js'
import type { HandlerOptions } from '../../src/http/types.js'
import { makeProject, type Project } from '../support/project.js'

/** A record as the server answers it. */
export interface ImageJson {
  readonly id: string
  readonly filename: string
  readonly status: string
  readonly createdAt: string
  readonly expiresAt?: string
  readonly priority: string
  readonly original: { readonly format: string; readonly bytes: number; readonly hash: string }
  readonly sizes: Readonly<Record<string, { width: number; height: number; bytes: number }>>
  readonly outputs: readonly { status: string; preset: string; url?: string; width?: number }[]
  readonly analysis?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: string; readonly message: string }
}

/** A handler over the folder `data` of a project, which is closed when the test ends. */
export interface TestHandler {
  readonly project: Project
  /** Sends a request to a path. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  /** Uploads a fixture as the body, and waits for its outputs. */
  readonly upload: (fixture: string, query?: string) => Promise<ImageJson>
  /** Closes the handler, as the end of the process would. */
  readonly close: () => Promise<void>
}

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** Reads a file of fixtures/. */
export async function readFixture(name: string): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(await readFile(`${FIXTURES}${name}`))
}

/** Reads the body of an answer as JSON. */
export async function jsonOf<T = ImageJson>(response: Response): Promise<T> {
  return (await response.json()) as T
}

/** Creates a handler in a new project, or in one of another handler. */
export async function makeHandler(options: HandlerOptions = {}, given?: Project): Promise<TestHandler> {
  const project = given ?? (await makeProject())
  const handler = createHandler({ root: project.path, store: 'data', ...options })
  onTestFinished(() => handler.close())
  const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}) =>
    handler.fetch(new Request(`http://localhost${path}`, init))
  return {
    project,
    send,
    close: () => handler.close(),
    async upload(fixture, query = '') {
      const name = fixture.split('/').at(-1) ?? ''
      const response = await send(`/v1/images?filename=${encodeURIComponent(name)}&${query}`, {
        method: 'POST',
        body: await readFixture(fixture),
        headers: { prefer: 'wait=50' },
      })
      return jsonOf(response)
    },
  }
}
