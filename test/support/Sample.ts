/**
 * How much of a large test runs. `npm test` runs a sample, which is quick. `npm run test:all` runs everything, and so does
 * a file that is run alone.
 */
const isSample = process.env["TEST_SAMPLE"] === "true"

/** How many rounds or cases to run: `all` of them, or the `few` of a sample. */
export const sample = (all: number, few: number): number => (isSample ? few : all)

/** The cases to run: all of them, or in a sample the first `few`. */
export const sampleOf = <A>(cases: ReadonlyArray<A>, few: number): ReadonlyArray<A> =>
  cases.slice(0, sample(cases.length, few))

/** The options of a test that a sample leaves out. */
export const slow = { tags: ["slow"] }
