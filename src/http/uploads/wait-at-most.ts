/** Waits until work has ended, or so many seconds, or until the signal aborts. */
export async function waitAtMost(
  work: Promise<void>,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const timer = setTimeout(end, seconds * 1000)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  await Promise.race([work, ended])
  signal?.removeEventListener('abort', end)
  clearTimeout(timer)
}
