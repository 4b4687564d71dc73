/**
 * What several commands make their flags of.
 */
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"

/** A flag that can be left out, and then says nothing. */
export const orUndefined = <A>(flag: Flag.Flag<A>): Flag.Flag<A | undefined> =>
  Flag.map(Flag.optional(flag), Option.getOrUndefined)

/** A port of this machine; 0 for a free one. */
export const port = (name: string, description: string): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.withMetavar("PORT"),
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 0 && value <= 65_535,
      (value) => `a port from 0 to 65535, got ${value}`
    )
  )

/** A text that can be left out. */
export const text = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), orUndefined)

/** A switch that is off unless it is given. */
export const whenGiven = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))
