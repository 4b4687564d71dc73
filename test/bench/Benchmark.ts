/**
 * What a benchmark is, and how it is run: in rounds, in each of which ours, the official client and the floor take turns,
 * so that what else the machine does hits all of them.
 */
import { Array as Arr, Effect, Order } from "effect"

/** Measures once. */
export type Sample = Effect.Effect<number>

export interface Benchmark {
  readonly name: string
  readonly unit: string
  readonly ours: Sample
  /** The official client. */
  readonly peer?: Sample
  /** The least that it can take. */
  readonly floor?: Sample
  /** What all of them include, and what does not count: it is subtracted, best from best and median from median. */
  readonly base?: Sample
  /** Whether more is better, as for calls per second. Less is better otherwise. */
  readonly moreIsBetter?: boolean
  /** How often it is measured, after one round for the compiler and the caches. 1 for what is always the same. */
  readonly rounds: number
}

/** The best of all rounds and the median. */
export interface Figure {
  readonly best: number
  readonly median: number
}

export interface Result {
  readonly name: string
  readonly unit: string
  readonly ours: Figure
  readonly peer: Figure | undefined
  readonly floor: Figure | undefined
  /** How many times better ours is than the official client, by the best rounds. */
  readonly ratio: number | undefined
}

const figureOf = (samples: ReadonlyArray<number>, moreIsBetter: boolean): Figure => {
  const sorted = Arr.sort(samples, Order.Number)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return { best: (moreIsBetter ? sorted.at(-1) : sorted[0]) ?? Number.NaN, median }
}

export const run = Effect.fnUntraced(function* (benchmark: Benchmark): Effect.fn.Return<Result> {
  const { base, floor, moreIsBetter = false, name, ours, peer, rounds, unit } = benchmark
  const round = Effect.all({
    ours,
    peer: peer ?? Effect.undefined,
    floor: floor ?? Effect.undefined,
    base: base ?? Effect.succeed(0)
  })
  if (rounds > 1) yield* round
  const samples = yield* Effect.forEach(Arr.range(1, rounds), () => round)
  const subtracted = figureOf(
    samples.map(({ base }) => base),
    moreIsBetter
  )
  const figure = (of: "ours" | "peer" | "floor") => {
    const measured = samples.map((sample) => sample[of]).filter((sample) => sample !== undefined)
    if (measured.length === 0) return undefined
    const { best, median } = figureOf(measured, moreIsBetter)
    return { best: best - subtracted.best, median: median - subtracted.median }
  }
  const mine = figure("ours") ?? subtracted
  const theirs = figure("peer")
  const ratio = theirs === undefined ? undefined : theirs.best / mine.best
  return {
    name,
    unit,
    ours: mine,
    peer: theirs,
    floor: figure("floor"),
    ratio: ratio === undefined ? undefined : moreIsBetter ? 1 / ratio : ratio
  }
})
