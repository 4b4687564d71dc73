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
    // A bound for what hangs, not a measure: some tests start processes on machines that are busy
    testTimeout: 120_000
  }
})
