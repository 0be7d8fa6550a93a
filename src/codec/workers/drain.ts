import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Bytes of memory that is worth a message. Smaller memory may be part of a pool of Node.js, which can't be transferred. */
export const LARGE = 64 * 1024

/**
 * Creates a port that frees the memory which is transferred to it: its other end is closed, so that messages are dropped (HTML
 * Standard, 9.4, channel messaging). Otherwise tens of megabytes of unpacked data would wait for a garbage collection, since V8 sees
 * little garbage in a thread that works in WebAssembly. `ArrayBuffer.prototype.transfer` does the same from Node.js 22 on.
 */
export function createDrain(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  return port2
}
