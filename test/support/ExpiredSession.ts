/**
 * A session whose access token has expired, and whose refresh token is valid.
 */
import { Effect, FileSystem, Path, Schema } from "effect"
import { Redis } from "effect/persistence"
import { IdentityCenter } from "../../src/emulator/index.ts"
import { poll, refresh, register, scope, start, startUrl } from "../unit/emulator/support.ts"
import { tokenFile, tokenKey } from "./TokenFile.ts"

const Kept = Schema.Struct({
  accessToken: Schema.String,
  refreshToken: Schema.String,
  expiresAt: Schema.String,
  clientId: Schema.String,
  clientSecret: Schema.String,
  /** A member that no tool reads. */
  theirs: Schema.optionalKey(Schema.Unknown)
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Kept))

const longAgo = "2026-01-01T00:00:00Z"

/** Where the token of a session is stored. */
interface Place<E> {
  readonly get: Effect.Effect<string, E>
  readonly set: (text: string) => Effect.Effect<unknown, E>
}

/** The stored token of a session, and the requests that the service received for it. */
const watchAt = Effect.fnUntraced(function* <E>({ get, set }: Place<E>, name: string) {
  const center = yield* IdentityCenter.IdentityCenter
  /** The stored token. Fails if it is not a token. */
  const kept = Effect.flatMap(get, decode)
  /** Writes it in place, as some tools do. */
  const put = (entry: object) => set(JSON.stringify(entry))
  return {
    session: { name, startUrl, region: "us-east-1", scopes: [scope] },
    kept,
    put,
    /** Changes the expiry of the token to one in the past. */
    expire: Effect.flatMap(get, (text) => put({ ...JSON.parse(text), expiresAt: longAgo })),
    /** The refreshes that the service received, and its responses. */
    calls: Effect.zipWith(center.requests, kept, (requests, { clientId }) =>
      requests
        .filter((request) => request.clientId === clientId && request.grantType === "refresh_token")
        .map(({ error, status }) => error ?? String(status))
    ),
    /** Whether the refresh token is valid. It is used by that. */
    spend: Effect.gen(function* () {
      const { refreshToken, ...client } = yield* kept
      return (yield* refresh(client, refreshToken)).status === 200
    })
  }
})

/** The token of a session in a directory such as `~/.aws`, in the file that all AWS tools use. */
export const watch = Effect.fnUntraced(function* (directory: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const file = join(directory, "sso", "cache", tokenFile(name))
  const set = (text: string) => fs.writeFileString(file, text, { mode: 0o600 })
  return { ...(yield* watchAt({ get: fs.readFileString(file), set }, name)), file }
})

/** Signs in at an emulator that approves automatically, and stores the token as an expired one. */
const signIn = Effect.fnUntraced(function* <E>(put: (entry: object) => Effect.Effect<unknown, E>, more: object) {
  const client = yield* register()
  const { accessToken, refreshToken } = (yield* poll(client, yield* start(client))).members
  yield* put({
    startUrl,
    region: "us-east-1",
    accessToken,
    expiresAt: longAgo,
    ...client,
    registrationExpiresAt: "2099-01-01T00:00:00Z",
    refreshToken,
    ...more
  })
})

/** A session whose token is in a file, with additional members. */
export const make = Effect.fnUntraced(function* (directory: string, name: string, more: object = {}) {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  const old = yield* watch(directory, name)
  yield* fs.makeDirectory(dirname(old.file), { recursive: true, mode: 0o700 })
  yield* signIn(old.put, more)
  return old
})

/** A session whose token is in Redis. */
export const makeInRedis = Effect.fnUntraced(function* (name: string) {
  const { send } = yield* Redis.Redis
  const key = `effect-aws-sso/${tokenKey({ name, startUrl, region: "us-east-1" })}`
  const old = yield* watchAt({ get: send<string>("GET", key), set: (text) => send("SET", key, text) }, name)
  yield* signIn(old.put, {})
  return old
})

/** A home directory in which the profile `dev` has the session `team`. */
export const home = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  const aws = join(directory, ".aws")
  yield* fs.makeDirectory(join(aws, "sso", "cache"), { recursive: true })
  yield* fs.writeFileString(
    join(aws, "config"),
    [
      "[profile dev]",
      "sso_session = team",
      "sso_account_id = 123456789012",
      "sso_role_name = Admin",
      "region = us-east-1",
      "[sso-session team]",
      "sso_region = us-east-1",
      `sso_start_url = ${startUrl}`,
      `sso_registration_scopes = ${scope}`
    ].join("\n")
  )
  return { directory, aws }
})
