/**
 * A session, its tokens, and a service that refreshes them as a test wants.
 */
import { Context, DateTime, Duration, Effect, Layer, Redacted, Ref } from "effect"
import { CreateToken, Exceptions, SsoOidc, SsoSession, SsoStore, SsoToken } from "../../src/index.ts"
import { type ClientError, DispatchFailure } from "../../src/wire/ClientError.ts"

export const session = new SsoSession.SsoSession({
  name: "my-sso",
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
  scopes: ["sso:account:access"]
})

/** A store in memory, of its own at each call. */
export const memoryStore = () => Layer.fresh(SsoStore.layerMemory())

/** A token that was issued now: `access-0` with `refresh-0`. */
export const tokenFor = (
  life: Duration.Input,
  members: Partial<ConstructorParameters<typeof SsoToken.SsoToken>[0]> = {}
): Effect.Effect<SsoToken.SsoToken> =>
  Effect.map(
    DateTime.now,
    (now) =>
      new SsoToken.SsoToken({
        startUrl: session.startUrl,
        region: session.region,
        accessToken: Redacted.make("access-0"),
        expiresAt: DateTime.addDuration(now, life),
        clientId: "client",
        clientSecret: Redacted.make("client-secret"),
        registrationExpiresAt: DateTime.addDuration(now, "90 days"),
        refreshToken: Redacted.make("refresh-0"),
        ...members
      })
  )

type Response = Effect.Effect<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError | ClientError>

/** What the service does with refreshes. */
export class Refreshes extends Context.Service<
  Refreshes,
  {
    /** The refresh tokens that it was sent. */
    readonly sent: Effect.Effect<ReadonlyArray<string>>
    /** Responds so to the next refreshes, instead of rotating. */
    readonly respond: (response: Response) => Effect.Effect<void>
    /** Rotates again. */
    readonly rotate: Effect.Effect<void>
  }
>()("test/Session/Refreshes") {}

const unused = () => Effect.die("not part of this test")

/** A service that rotates: the n-th refresh turns `refresh-(n-1)` into `access-n` and `refresh-n`, for eight hours. */
export const service: Layer.Layer<SsoOidc.SsoOidc | Refreshes> = Layer.effectContext(
  Effect.gen(function* () {
    const sent = yield* Ref.make<ReadonlyArray<string>>([])
    const scripted = yield* Ref.make<Response | undefined>(undefined)
    const rotate = Effect.fnUntraced(function* (
      refreshToken: string
    ): Effect.fn.Return<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError> {
      const generation = (yield* Ref.get(sent)).length
      if (refreshToken !== `refresh-${generation - 1}`) {
        return yield* new Exceptions.InvalidGrantException({ error: "invalid_grant" })
      }
      return {
        accessToken: Redacted.make(`access-${generation}`),
        refreshToken: Redacted.make(`refresh-${generation}`),
        expiresIn: Duration.hours(8)
      }
    })
    const createToken = Effect.fnUntraced(function* (
      input: CreateToken.CreateTokenInput
    ): Effect.fn.Return<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError | ClientError> {
      const refreshToken = input.grantType === "refresh_token" ? Redacted.value(input.refreshToken) : "none"
      yield* Ref.update(sent, (all) => [...all, refreshToken])
      const response = yield* Ref.get(scripted)
      return yield* response ?? rotate(refreshToken)
    })
    const service = SsoOidc.SsoOidc.of({
      endpoint: Effect.succeed("https://oidc.us-east-1.amazonaws.com"),
      createToken,
      registerClient: unused,
      startDeviceAuthorization: unused,
      createTokenWithIAM: unused,
      inRegion: () => Effect.succeed(service)
    })
    return Context.make(SsoOidc.SsoOidc, service).pipe(
      Context.add(Refreshes, {
        sent: Ref.get(sent),
        respond: (response) => Ref.set(scripted, response),
        rotate: Ref.set(scripted, undefined)
      })
    )
  })
)

export const unreachable: Response = Effect.fail(
  new DispatchFailure({
    operation: "CreateToken",
    origin: "https://oidc.us-east-1.amazonaws.com",
    code: "ECONNREFUSED"
  })
)

export const rejected: Response = Effect.fail(new Exceptions.InvalidGrantException({ error: "invalid_grant" }))
