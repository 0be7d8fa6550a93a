import { describe, expect, it, vi } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSolo } from '../../src/queue/solo.js'

function setup() {
  const [pause, resume] = [vi.fn<() => void>(), vi.fn<() => void>()]
  return { pause, resume, solo: createSolo({ pause, resume }) }
}

describe('a job that runs alone', () => {
  it('waits for those in work, and takes no more meanwhile', async () => {
    const { pause, resume, solo } = setup()
    const order: string[] = []
    const others = [1, 2].map((each) =>
      solo.run(false, async () => {
        await sleep(10)
        order.push(`other ${each}`)
      }),
    )
    const alone = solo.run(true, async () => void order.push('alone'))
    expect(pause).toHaveBeenCalledOnce()
    expect(resume).not.toHaveBeenCalled()
    await Promise.all([...others, alone])
    expect(order).toEqual(['other 1', 'other 2', 'alone'])
    expect(resume).toHaveBeenCalledOnce()
  })

  it('is not disturbed: others are put back, also those that have to run alone', async () => {
    const { solo } = setup()
    let release = () => {}
    const alone = solo.run(true, async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return 'done'
    })
    await sleep(0)
    const never = vi.fn<() => Promise<void>>()
    expect(await solo.run(false, never)).toBeUndefined()
    expect(await solo.run(true, never)).toBeUndefined()
    expect(never).not.toHaveBeenCalled()
    release()
    expect(await alone).toEqual({ value: 'done' })
    expect(await solo.run(false, async () => 7)).toEqual({ value: 7 })
  })

  it('lets others start again if its work fails', async () => {
    const { resume, solo } = setup()
    await expect(solo.run(true, async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(resume).toHaveBeenCalledOnce()
    expect(await solo.run(false, async () => 7)).toEqual({ value: 7 })
  })
})
