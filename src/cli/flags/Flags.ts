/**
 * The parts that flags are made of.
 */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ChoiceFlag, SwitchFlag, TextFlag } from "./FlagTable.ts"

/** An optional flag: `undefined` where it is not given. */
export const orUndefined = <A>(flag: Flag.Flag<A>): Flag.Flag<A | undefined> =>
  Flag.map(Flag.optional(flag), Option.getOrUndefined)

/** A port of this machine; 0 stands for a free port. */
export const port = (name: string, description: string): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.withMetavar("PORT"),
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 0 && value <= 65_535,
      () => "a port from 0 to 65535"
    )
  )

/** An optional text. */
export const text = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  ofText({ name, metavar, description })

/** A switch, off by default. */
export const whenGiven = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** The optional text of a description. */
export const ofText = ({ accepted, description, metavar, name }: TextFlag): Flag.Flag<string | undefined> => {
  const flag = Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))
  if (accepted === undefined) return orUndefined(flag)
  const { expected, pattern } = accepted
  return orUndefined(
    Flag.filter(
      flag,
      (value) => pattern.test(value),
      () => expected
    )
  )
}

/** The switch of a description. */
export const ofSwitch = ({ description, name }: SwitchFlag): Flag.Flag<boolean> => whenGiven(name, description)

/** The choice of a description. */
export const ofChoice = <A extends string>({
  choices,
  description,
  metavar,
  name,
  standard
}: ChoiceFlag<A>): Flag.Flag<A> =>
  Flag.Literals(name, choices).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(description),
    Flag.withDefault(standard)
  )

/** Refuses flags, if there is something wrong with them. */
export const refuse = (problem: string | undefined): Effect.Effect<void, CliError.ValidationError> =>
  problem === undefined ? Effect.void : Effect.fail(new CliError.ValidationError({ message: problem }))
