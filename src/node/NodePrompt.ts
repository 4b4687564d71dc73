/**
 * An `AuthorizationPrompt` that opens the browser, shows a QR code, and accepts a pasted URL.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import * as AuthorizationPrompt from "../login/AuthorizationPrompt.ts"
import * as NodeBrowser from "./NodeBrowser.ts"

/**
 * The options of `layer` and `extend`.
 *
 * @category models
 * @since 0.2.0
 */
export interface NodePromptOptions {
  /** Whether to open a browser, if there is one that reaches this machine. `true` by default. */
  readonly openBrowser?: boolean | undefined
  /** Prints text for the user, followed by a line break. Prints to standard error by default. */
  readonly print?: ((text: string) => Effect.Effect<void>) | undefined
}

/**
 * Adds the features of Node to a prompt.
 *
 * **Details**
 *
 * - The page of either flow is opened in the browser, if there is one that reaches this machine. A line reports it.
 * - The link of the device flow is shown as a QR code on a terminal with colors. A link that is too long for a QR code is
 *   only printed.
 * - On a terminal, the user can paste the URL that the browser was redirected to.
 *
 * @category combinators
 * @since 0.1.0
 */
export const extend = Effect.fnUntraced(function* (
  base: AuthorizationPrompt.AuthorizationPrompt["Service"],
  options?: NodePromptOptions
): Effect.fn.Return<
  AuthorizationPrompt.AuthorizationPrompt["Service"],
  never,
  FileSystem.FileSystem | Stdio.Stdio | Terminal.Terminal
> {
  const stdio = yield* Stdio.Stdio
  const terminal = yield* Terminal.Terminal
  // Only a sign-in looks for the browser: most programs that have a prompt never show it
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const canOpen = yield* Effect.cached(
    options?.openBrowser === false ? Effect.succeed(false) : Effect.provideContext(NodeBrowser.isAvailable, context)
  )
  const canPaste = yield* stdio.stdinIsTerminal
  const hasColors = (yield* stdio.stderrIsTerminal) && (yield* allowsColors)

  const print = options?.print ?? Console.error

  /** Opens a page in the browser if there is one, and reports whether that worked. */
  const open = Effect.fnUntraced(function* (url: string) {
    const isOpened = yield* Effect.when(NodeBrowser.open(url), canOpen)
    if (Option.isSome(isOpened)) yield* print(isOpened.value ? opened : notOpened)
  })

  return {
    ...base,
    show: Effect.fnUntraced(function* (state) {
      if (state._tag === "Prompting" && state.verificationUriComplete !== undefined && hasColors) {
        yield* Option.match(yield* qrCode(state.verificationUriComplete), { onNone: () => Effect.void, onSome: print })
      }
      yield* base.show(state)
      if (state._tag === "Prompting") yield* open(state.verificationUriComplete ?? state.verificationUri)
      if (state._tag === "Redirecting") {
        yield* open(state.authorizationUrl)
        if (canPaste) yield* print(pasteHint)
      }
    }),
    canOpenBrowser: Effect.flatMap(stdio.stderrIsTerminal, (isTerminal) =>
      isTerminal ? canOpen : Effect.succeed(false)
    ),
    ...(canPaste ? { pastedUrl: Effect.catch(terminal.readLine, () => Effect.interrupt) } : {})
  }
})

/**
 * Shows a sign-in on standard error and opens the browser.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options?: NodePromptOptions
): Layer.Layer<
  AuthorizationPrompt.AuthorizationPrompt,
  never,
  FileSystem.FileSystem | Stdio.Stdio | Terminal.Terminal
> =>
  Layer.effect(
    AuthorizationPrompt.AuthorizationPrompt,
    Effect.flatMap(AuthorizationPrompt.AuthorizationPrompt, (base) => extend(base, options))
  ).pipe(Layer.provide(AuthorizationPrompt.layerConsole))

const opened = "Opened the page in the browser."

const notOpened = "The browser could not be opened: open the page yourself."

const pasteHint =
  "\nIf the browser cannot reach this machine, paste the URL that it was redirected to here, and press Enter.\n"

const allowsColors = Config.all([
  Config.option(Config.NonEmptyString("NO_COLOR")),
  Config.option(Config.String("TERM"))
]).pipe(
  Effect.map(([noColor, term]) => Option.isNone(noColor) && !Option.contains(term, "dumb")),
  Effect.orElseSucceed(() => false)
)

/** A QR code, if the text fits into one. It sets its own colors: scanners expect dark on light, whatever the theme is. */
const qrCode = (text: string): Effect.Effect<Option.Option<string>> =>
  Effect.tryPromise(async () => {
    const { renderUnicodeCompact } = await import("uqr")
    return renderUnicodeCompact(text, { border: 2 })
      .split("\n")
      .map((line) => `\u001B[97;40m${line}\u001B[0m`)
      .join("\n")
  }).pipe(Effect.option)
