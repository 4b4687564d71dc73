/**
 * What the library adds to a program in a browser: kilobytes, minified and compressed, with `effect`.
 */
import { Effect } from "effect"
import { bundle } from "../support/Bundle.ts"
import type { Benchmark, Sample } from "./Benchmark.ts"

const size = (program: string, platform?: "browser" | "node"): Sample =>
  Effect.map(
    Effect.promise(() => bundle(program, platform)),
    ({ size }) => size / 1000
  )

const floor = size("call.floor")
const always = { unit: "kB", rounds: 1 }

/** The benchmarks of sizes. */
export const bundles: ReadonlyArray<Benchmark> = [
  { ...always, name: "bundle-call", ours: size("call"), peer: size("call.peer"), floor },
  // The official client has no device flow
  { ...always, name: "bundle-flow", ours: size("flow"), peer: size("call.peer"), floor },
  // The official provider reads files, which no browser has
  { ...always, name: "bundle-provider", ours: size("provider"), peer: size("provider.peer", "node"), floor }
]
