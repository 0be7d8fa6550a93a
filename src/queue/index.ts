// The public face of the package's `imgproc/queue`.
export type { CreateEngine, Engine, EngineOptions, EngineWork } from '../engines/types.js'
export type { ClusterAddress, QueueAddress, ServerAddress } from './redis/address.js'
export { openQueue, type OpenQueue } from './open-queue.js'
export { createQueueExecutor, type QueueExecutor, type QueueExecutorOptions } from './queue-executor.js'
export { createQueueEngine, type QueueEngineOptions } from './queue-engine.js'
export { readStatus, type DeadJob, type QueueStatus } from './status/read-status.js'
