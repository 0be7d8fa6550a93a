// Memory behind what the other side has written, handed out from one picture to the next.

export class Memory {
  static free: usize = 0
}

/** So many bytes, at a place that 16 divides. */
export function allocate(bytes: usize): usize {
  const at = (Memory.free + 15) & ~15
  Memory.free = at + bytes
  return at
}

/** The next size that 16 divides. */
@inline
export function row16(bytes: usize): usize {
  return (bytes + 15) & ~15
}
