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
    // A limit for a test that hangs, not a measurement: some tests start processes, and the machine can be busy
    testTimeout: 120_000,
    // Loading Effect takes longer than running most files: one thread loads it once for all of its files
    isolate: false,
    maxWorkers: availableParallelism(),
    tags: [{ name: "slow", description: "Left out of the sample that `npm test` runs" }],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/conformance/**/*.test.ts"],
          pool: "threads"
        }
      },
      {
        extends: true,
        test: {
          name: "process",
          include: ["test/process/**/*.test.ts", "test/browser/**/*.test.ts"],
          pool: "forks"
        }
      }
    ]
  }
})
