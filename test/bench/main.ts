/**
 * What the library costs, beside the official client and the least that it can take.
 *
 * `npm run bench` prints a table, `npm run bench -- --json` an object of
 * `{ name: { ours, peer, floor, unit, ratio } }`, both of the best rounds. A ratio above 1 means that ours is better.
 * Names, or parts of them, choose the benchmarks: `npm run bench -- cold bundle-call`. A file of this folder holds the
 * benchmarks of one kind.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect } from "effect"
import * as Benchmark from "./Benchmark.ts"
import { bundles } from "./Bundles.ts"
import { calls } from "./Calls.ts"
import { coldStarts } from "./ColdStarts.ts"

const [flags, names] = [
  process.argv.slice(2).filter((arg) => arg.startsWith("--")),
  process.argv.slice(2).filter((arg) => !arg.startsWith("--"))
]
const isJson = flags.includes("--json")
const isChosen = ({ name }: Benchmark.Benchmark) => names.length === 0 || names.some((part) => name.includes(part))

const rounded = (value: number | undefined) => (value === undefined ? undefined : Number(value.toPrecision(3)))

const columns = [30, 16, 16, 16, 8] as const
const row = (...cells: ReadonlyArray<string>) => cells.map((cell, at) => cell.padEnd(columns[at] ?? 0)).join(" ")
const cell = (figure: Benchmark.Figure | undefined) =>
  figure === undefined ? "" : `${rounded(figure.best)} (${rounded(figure.median)})`

const program = Effect.gen(function* () {
  const benchmarks = [...bundles, ...(yield* coldStarts), ...(yield* calls)].filter(isChosen)
  if (!isJson) yield* Console.log(row("best (median)", "ours", "official", "floor", "ratio", "unit"))
  const results = yield* Effect.forEach(benchmarks, (benchmark) =>
    Effect.tap(Benchmark.run(benchmark), ({ floor, name, ours, peer, ratio, unit }) =>
      isJson
        ? Effect.void
        : Console.log(row(name, cell(ours), cell(peer), cell(floor), `${rounded(ratio) ?? ""}`, unit))
    )
  )
  if (!isJson) return
  const entries = results.map(({ floor, name, ours, peer, ratio, unit }) => [
    name,
    {
      ours: rounded(ours.best),
      peer: rounded(peer?.best) ?? null,
      floor: rounded(floor?.best) ?? null,
      unit,
      ratio: rounded(ratio) ?? null
    }
  ])
  yield* Console.log(JSON.stringify(Object.fromEntries(entries), null, 2))
})

NodeRuntime.runMain(Effect.provide(Effect.scoped(program), NodeServices.layer))
