/**
 * Shows the user what to do, and how the sign-in proceeds.
 *
 * **When to use**
 *
 * Provide `layerConsole` for a command, `layerSilent` if nothing must be shown, and `layerRecorded` for a test. Implement
 * the service for an editor. For a web page, `Login.states` needs no prompt.
 *
 * **Example** (A custom prompt)
 *
 * ```ts
 * import { Console, Effect, Layer } from "effect"
 * import { AuthorizationPrompt, LoginState } from "effect-aws-sso"
 *
 * const prompt = Layer.succeed(AuthorizationPrompt.AuthorizationPrompt, {
 *   show: (state) =>
 *     LoginState.LoginState.matchOrElse(
 *       state,
 *       { Prompting: ({ userCode, verificationUri }) => Console.log(`Enter ${userCode} at ${verificationUri}`) },
 *       () => Effect.void
 *     )
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { Instruction, LoginState } from "./LoginState.ts"

/**
 * Shows the states of a sign-in to the user.
 *
 * @category services
 * @since 0.1.0
 */
export class AuthorizationPrompt extends Context.Service<
  AuthorizationPrompt,
  {
    /** Shows a state. The flow continues when it returns, so it must not wait for the user. */
    readonly show: (state: LoginState) => Effect.Effect<void>
    /**
     * The URL that the browser was redirected to, as the user pastes it: for a browser that cannot reach this machine. The
     * flow asks again if it was the wrong one. Absent if the user cannot be asked.
     */
    readonly pastedUrl?: Effect.Effect<string> | undefined
    /** Whether `show` opens a browser that reaches this machine. `false` if absent. */
    readonly canOpenBrowser?: Effect.Effect<boolean> | undefined
  }
>()("effect-aws-sso/AuthorizationPrompt") {}

// A text of the server must not control the terminal, nor reorder or break the line that shows it
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, "")

/**
 * What the user must do, as lines of text that are safe for a terminal.
 *
 * @category formatting
 * @since 0.1.0
 */
export const instructions = (state: Instruction): string => {
  if (state._tag === "Redirecting") {
    return lines("To sign in, open this page in the browser of this machine:", state.authorizationUrl)
  }
  const complete = state.verificationUriComplete
  return lines(
    "To sign in, open this page in a browser:",
    state.verificationUri,
    "and enter the code:",
    state.userCode,
    ...(complete === undefined ? [] : ["This link contains the code. Compare it there:", complete])
  )
}

/** Each text of ours, followed by one of the server, which is indented. */
const lines = (...texts: ReadonlyArray<string>): string =>
  texts.map((text, i) => (i % 2 === 0 ? text : `  ${printable(text)}`)).join("\n\n")

/**
 * Prints what the user must do on standard error, and nothing afterwards.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConsole: Layer.Layer<AuthorizationPrompt> = Layer.succeed(AuthorizationPrompt, {
  show: (state) =>
    state._tag === "Prompting" || state._tag === "Redirecting" ? Console.error(instructions(state)) : Effect.void
})

/**
 * Shows nothing.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSilent: Layer.Layer<AuthorizationPrompt> = Layer.succeed(AuthorizationPrompt, {
  show: () => Effect.void
})

/**
 * The states that `layerRecorded` was given, in order.
 *
 * @category testing
 * @since 0.1.0
 */
export class Recorded extends Context.Service<Recorded, Ref.Ref<ReadonlyArray<LoginState>>>()(
  "effect-aws-sso/AuthorizationPrompt/Recorded"
) {}

/**
 * Records the states, for a test to read.
 *
 * **Example** (The states that a user would have seen)
 *
 * ```ts
 * import { Effect, Ref } from "effect"
 * import { AuthorizationPrompt } from "effect-aws-sso"
 *
 * const shown = Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRecorded: Layer.Layer<AuthorizationPrompt | Recorded> = Layer.effect(
  AuthorizationPrompt,
  Effect.map(Recorded, (recorded) => ({
    show: (state) => Ref.update(recorded, (states) => [...states, state])
  }))
).pipe(Layer.provideMerge(Layer.effect(Recorded, Ref.make<ReadonlyArray<LoginState>>([]))))
