/**
 * One semaphore for each key, of one permit: the locks of the fibers of one process.
 */
import * as Semaphore from "effect/Semaphore"

/** Makes a function that gives the same semaphore for the same key. */
export const makeUnsafe = (): ((key: string) => Semaphore.Semaphore) => {
  const semaphores = new Map<string, Semaphore.Semaphore>()
  return (key) => {
    const semaphore = semaphores.get(key) ?? Semaphore.makeUnsafe(1)
    semaphores.set(key, semaphore)
    return semaphore
  }
}
