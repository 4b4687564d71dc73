/**
 * `effect-sso logout`
 */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as NodeSso from "../../node/NodeSso.ts"
import * as SignOut from "../../login/SignOut.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import { TokenCache } from "../../store/TokenCache.ts"
import * as Failure from "../terminal/Failure.ts"
import * as Flags from "../flags/Flags.ts"
import { ofCommand } from "../terminal/SafeText.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import { Stderr } from "../terminal/Stderr.ts"

const all = Flags.whenGiven("all", "Sign out of every session that is known")

const signOut = Effect.fnUntraced(function* (input: SessionFlags.Input, session: SsoSession.SsoSession) {
  const cache = yield* TokenCache
  const stderr = yield* Stderr
  const file = yield* cache.locate(session)
  const title = session.name ?? session.startUrl
  const { notEnded, wasKept } = yield* SignOut.signOut(session).pipe(
    Effect.provide(SessionFlags.portal(input, session))
  )
  if (!wasKept) return yield* stderr.say(`Nobody is signed in to ${title}: there is no ${file}`)
  if (notEnded !== undefined) {
    yield* stderr.say(
      ofCommand(`the session may go on at the service, since it could not be ended there: ${Failure.explain(notEnded)}`)
    )
  }
  yield* stderr.say(`Signed out of ${title}: removed ${file}`)
})

/** Ends a session, or all, and forgets their tokens. */
export const logout = Command.make(
  "logout",
  { ...SessionFlags.flags, all },
  Effect.fnUntraced(function* ({ all, ...input }) {
    const { say } = yield* Stderr
    const sessions = all ? yield* SsoSession.configured : [yield* SessionFlags.session(input)]
    if (sessions.length === 0) return yield* say("No session is configured: there is none to sign out of")
    // One that cannot be removed does not keep the others
    const [, failures] = yield* Effect.partition(sessions, (session) => signOut(input, session))
    for (const failure of failures.slice(0, -1)) yield* say(ofCommand(Failure.explain(failure)))
    const last = failures.at(-1)
    if (last !== undefined) return yield* Effect.fail(last)
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
  Command.withDescription("End a session at the service, and forget its token and its credentials")
)
