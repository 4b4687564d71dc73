/**
 * `effect-sso logout`
 *
 * @since 0.1.0
 */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as NodeSso from "../node/NodeSso.ts"
import * as SsoSession from "../session/SsoSession.ts"
import { type CacheError, lockIfPossible, TokenCache } from "../session/TokenCache.ts"
import * as SessionFlags from "./SessionFlags.ts"
import { Stderr } from "./Stderr.ts"

const all = Flag.Boolean("all").pipe(
  Flag.withDescription("Sign out of every session that is known"),
  Flag.withoutNegation,
  Flag.withDefault(false)
)

const signOut: (session: SsoSession.SsoSession) => Effect.Effect<void, CacheError, TokenCache | Stderr> =
  Effect.fnUntraced(function* (session) {
    const cache = yield* TokenCache
    const stderr = yield* Stderr
    const file = yield* cache.locate(session)
    const title = session.name ?? session.startUrl
    const isKept = yield* cache.get(session).pipe(
      Effect.map(Option.isSome),
      Effect.catchTag("CacheCorrupt", () => Effect.succeed(true))
    )
    if (!isKept) return yield* stderr.say(`Nobody is signed in to ${title}: there is no ${file}`)
    // A renewal that is under way must not bring the token back; one that hangs must not keep it
    yield* Effect.scoped(Effect.andThen(lockIfPossible(cache, session), cache.remove(session)))
    yield* stderr.say(`Signed out of ${title}: removed ${file}`)
  })

/**
 * Forgets the token of a session, or of all.
 *
 * @category commands
 * @since 0.1.0
 */
export const logout = Command.make(
  "logout",
  { ...SessionFlags.flags, all },
  Effect.fnUntraced(function* ({ all, ...input }) {
    const sessions = all ? yield* SsoSession.known : [yield* SessionFlags.session(input)]
    // One that cannot be removed does not keep the others
    const [, [failure]] = yield* Effect.partition(sessions, signOut)
    if (failure !== undefined) return yield* failure
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.validate(({ all, ...input }) => {
    const chosen = SessionFlags.chosenBy(input)
    return all && chosen.length > 0
      ? Effect.fail(new CliError.ValidationError({ message: `--all and ${chosen.join(", ")}: choose one of them` }))
      : Effect.void
  }),
  Command.provide(NodeSso.layer),
  Command.withDescription("Forget the token of a session")
)
