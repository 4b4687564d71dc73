/**
 * The browser of the user, on the machine that this process runs on.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"

const variable = (name: string): Effect.Effect<string | undefined> =>
  Config.NonEmptyString(name).pipe(
    Config.option,
    Effect.map(Option.getOrUndefined),
    Effect.orElseSucceed(() => undefined)
  )

const anyOf = (names: ReadonlyArray<string>): Effect.Effect<boolean> =>
  Effect.map(Effect.forEach(names, variable), (values) => values.some((value) => value !== undefined))

/** The value of `BROWSER`: a command and its arguments, with `%s` in place of the URL. */
const preferred = Effect.map(variable("BROWSER"), (browser) => {
  const [name, ...rest] = (browser ?? "").split(/\s+/).filter((word) => word !== "")
  return name === undefined ? undefined : { name, arguments: rest.filter((word) => word !== "%s") }
})

/**
 * Opens a URL in the browser that `BROWSER` names, or else in the default browser, on Linux, macOS, Windows and WSL.
 *
 * **Details**
 *
 * Only `http` and `https` URLs are opened, and no shell interprets them. Returns `false` if no browser was started.
 *
 * @category opening
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function* (url: string) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return false
  const app = yield* preferred
  return yield* Effect.tryPromise(async () => {
    const { default: open } = await import("open")
    const started = await open(new URL(url).href, app === undefined ? {} : { app })
    started.on("error", () => {})
    return started.pid !== undefined
  }).pipe(Effect.orElseSucceed(() => false))
})

/**
 * Whether a browser that reaches this machine is likely to exist.
 *
 * **Details**
 *
 * `false` over SSH, in a container, and on Linux without a display, unless `BROWSER` names a browser. `BROWSER=none` means
 * that there is none.
 *
 * @category opening
 * @since 0.1.0
 */
export const isAvailable: Effect.Effect<boolean, never, FileSystem.FileSystem> = Effect.gen(function* () {
  const browser = yield* variable("BROWSER")
  if (browser !== undefined) return browser !== "none"
  const fs = yield* FileSystem.FileSystem
  const exists = (path: string) => Effect.orElseSucceed(fs.exists(path), () => false)
  const overSsh = yield* anyOf(["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"])
  const inContainer =
    (yield* anyOf(["container", "CODESPACES", "REMOTE_CONTAINERS"])) ||
    (yield* exists("/.dockerenv")) ||
    (yield* exists("/run/.containerenv"))
  const onWsl = yield* anyOf(["WSL_DISTRO_NAME"])
  const hasDisplay = process.platform !== "linux" || onWsl || (yield* anyOf(["DISPLAY", "WAYLAND_DISPLAY"]))
  return hasDisplay && !overSsh && !inContainer
})
