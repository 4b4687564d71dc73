/**
 * How a person learns where to go and what to type, and how the sign-in is getting on.
 *
 * **When to use**
 *
 * Provide `layerConsole` to a command, `layerSilent` where something else shows the states (such as the stream of
 * `DeviceFlow.states`), `layerRecorded` to a test, and an implementation of one's own to an editor or a web page.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { SsoToken } from "../session/SsoToken.ts"

/**
 * Where a sign-in by the device flow stands.
 *
 * - `Prompting`: the person is to open `verificationUri` and enter `userCode`, or to open `verificationUriComplete`
 * - `Pending`: the person has not answered yet; the service is asked again after `nextPoll`
 * - `SlowedDown`: the service wants to be asked less often, from now on every `interval`
 * - `Unreachable`: the service could not be asked (`failure` names the error); it is asked again after `nextPoll`
 * - `Authorized`: the person approved
 *
 * `timeLeft` is what remains of the life of the code.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceState = Data.TaggedEnum<{
  Prompting: {
    readonly userCode: string
    readonly verificationUri: string
    readonly verificationUriComplete?: string
    readonly timeLeft: Duration.Duration
  }
  Pending: { readonly timeLeft: Duration.Duration; readonly nextPoll: Duration.Duration }
  SlowedDown: { readonly timeLeft: Duration.Duration; readonly interval: Duration.Duration }
  Unreachable: {
    readonly timeLeft: Duration.Duration
    readonly nextPoll: Duration.Duration
    readonly failure: string
  }
  Authorized: { readonly token: SsoToken }
}>

/**
 * Constructors and matchers of the states of the device flow.
 *
 * @category constructors
 * @since 0.1.0
 */
export const DeviceState = Data.taggedEnum<DeviceState>()

/**
 * Where a sign-in stands, by whichever flow: one of the states of the device flow, or
 *
 * - `Redirecting`: the person is to open `authorizationUrl` in a browser, which comes back to `redirectUri`
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | DeviceState
  | Data.TaggedEnum<{
      Redirecting: {
        readonly authorizationUrl: string
        readonly redirectUri: string
        readonly timeLeft: Duration.Duration
      }
    }>

/**
 * Constructors and matchers of the states.
 *
 * @category constructors
 * @since 0.1.0
 */
export const State = Data.taggedEnum<State>()

/**
 * Shows a person the states of a sign-in.
 *
 * @category services
 * @since 0.1.0
 */
export class AuthorizationPrompt extends Context.Service<
  AuthorizationPrompt,
  {
    /** Called at each state, in order. The flow goes on when it returns, so it should not wait for the person. */
    readonly show: (state: State) => Effect.Effect<void>
    /**
     * The address that the browser was sent back to, as the person pastes it: for a browser that cannot reach this
     * machine. Asked for anew where it was not the right one. Absent where nobody can be asked.
     */
    readonly pastedUrl?: Effect.Effect<string> | undefined
    /** Whether `show` opens a browser that reaches this machine. `false` where absent. */
    readonly canOpenBrowser?: Effect.Effect<boolean> | undefined
  }
>()("effect-aws-sso/AuthorizationPrompt") {}

// A text of the server must not control the terminal, nor reorder or break the line that shows it
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, "")

/**
 * What a person needs to read to do their part, as lines of text.
 *
 * @category formatting
 * @since 0.1.0
 */
export const instructions = (state: Data.TaggedEnum.Value<State, "Prompting" | "Redirecting">): string => {
  if (state._tag === "Redirecting") {
    return lines("To sign in, open this page in the browser of this machine:", state.authorizationUrl)
  }
  const complete = state.verificationUriComplete
  return lines(
    "To sign in, open this page in a browser:",
    state.verificationUri,
    "and enter the code:",
    state.userCode,
    ...(complete === undefined ? [] : ["This link carries the code; compare it there:", complete])
  )
}

/** Words, and what they are about, in turn. */
const lines = (...texts: ReadonlyArray<string>): string =>
  texts.map((text, i) => (i % 2 === 0 ? text : `  ${printable(text)}`)).join("\n\n")

/**
 * Writes what the person has to do to standard error, and nothing afterwards.
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
 * The states that `layerRecorded` was shown, the first one first.
 *
 * @category testing
 * @since 0.1.0
 */
export class Recorded extends Context.Service<Recorded, Ref.Ref<ReadonlyArray<State>>>()(
  "effect-aws-sso/AuthorizationPrompt/Recorded"
) {}

/**
 * Keeps the states for a test to read.
 *
 * **Example** (What a person would have seen)
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
).pipe(Layer.provideMerge(Layer.effect(Recorded, Ref.make<ReadonlyArray<State>>([]))))
