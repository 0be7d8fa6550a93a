// Bump allocator behind the request. Each call starts over.

export class Memory {
  static free: usize = 0
}

/** Returns the address of new bytes, a multiple of 16. */
export function allocate(bytes: usize): usize {
  const at = (Memory.free + 15) & ~15
  Memory.free = at + bytes
  return at
}

/** Rounds up to a multiple of 16. */
@inline
export function align16(bytes: usize): usize {
  return (bytes + 15) & ~15
}
