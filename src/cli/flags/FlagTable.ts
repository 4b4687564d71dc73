/**
 * Flags as data. The command framework and the fast path, which starts without it, read the same flags.
 */

/** A flag with a text. */
export interface TextFlag {
  readonly name: string
  readonly metavar: string
  readonly description: string
  /** Which texts are accepted. All by default. */
  readonly accepted?: { readonly pattern: RegExp; readonly expected: string }
}

/** A switch, off by default. */
export interface SwitchFlag {
  readonly name: string
  readonly description: string
}

/** A flag with one of some words. */
export interface ChoiceFlag<A extends string> {
  readonly name: string
  readonly metavar: string
  readonly description: string
  readonly choices: ReadonlyArray<A>
  /** The word where the flag is not given. */
  readonly standard: A
}
