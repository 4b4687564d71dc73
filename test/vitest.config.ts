import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

// The reporter of Vitest 5 prints failures with `Map.groupBy`, which Node has from version 21 on.
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    // A limit for a test that hangs, not a measurement: some tests start processes, and the machine can be busy
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Loading Effect takes longer than running most files: a process loads it once for all of its files
    isolate: false,
    maxWorkers: availableParallelism(),
    tags: [{ name: "slow", description: "Left out of the sample that `npm test` runs" }]
  }
})
