/**
 * `effect-sso logout`
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Login from "../../login/Login.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import { TokenCache } from "../../store/TokenCache.ts"
import * as Advice from "../terminal/Advice.ts"
import * as Flags from "../flags/Flags.ts"
import { ofCommand } from "../terminal/SafeText.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import { Stderr } from "../terminal/Stderr.ts"

const all = Flags.whenGiven("all", "Sign out of all configured sessions")

const signOut = Effect.fnUntraced(function* (input: SessionFlags.Input, session: SsoSession.SsoSession) {
  const cache = yield* TokenCache
  const stderr = yield* Stderr
  const file = yield* cache.locate(session)
  const advisee = { sessionFlags: SessionFlags.given(input) }
  const title = session.name ?? session.startUrl
  const { notEnded, wasSignedIn } = yield* Login.logout.pipe(Effect.provide(SessionFlags.portal(input, session)))
  if (!wasSignedIn) return yield* stderr.say(`Not signed in to ${title}: there is no token file ${file}`)
  if (notEnded !== undefined) {
    yield* stderr.say(
      ofCommand(
        `the session may still be active at the service, because the sign-out request failed: ${Advice.explain(notEnded, advisee)}`
      )
    )
  }
  yield* stderr.say(`Signed out of ${title}: removed ${file}`)
})

/** Ends one session, or all sessions, and removes their tokens. */
export const logout = Command.make(
  "logout",
  { ...SessionFlags.flags, all },
  Effect.fnUntraced(function* ({ all, ...input }) {
    const { say } = yield* Stderr
    const advisee = { sessionFlags: SessionFlags.given(input) }
    const sessions = all ? yield* SsoSession.configured : [yield* SessionFlags.session(input)]
    if (sessions.length === 0) return yield* say("No session is configured")
    // A session that cannot be signed out of does not stop the others
    const [, failures] = yield* Effect.partition(sessions, (session) => signOut(input, session))
    for (const failure of failures.slice(0, -1)) yield* say(ofCommand(Advice.explain(failure, advisee)))
    const last = failures.at(-1)
    if (last !== undefined) return yield* Effect.fail(last)
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.validate(({ all, ...input }) => {
    const chosen = SessionFlags.chosenBy(input)
    return Flags.refuse(
      all && chosen.length > 0
        ? `--all and ${chosen.join(", ")} choose different sessions: specify only one`
        : undefined
    )
  }),
  Command.withDescription("Sign out of a session, and remove its token and its cached credentials")
)
