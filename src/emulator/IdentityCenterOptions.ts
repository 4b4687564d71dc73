/**
 * The options of an emulator, and their defaults.
 */
import type * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Directory from "./model/Directory.ts"
import type { DirectoryAccount } from "./model/DirectoryAccount.ts"
import type { DirectoryUser } from "./model/DirectoryUser.ts"
import type { StateSettings } from "./model/IdentityCenterState.ts"

/**
 * Options of {@link layer} and {@link serve}.
 *
 * **Details**
 *
 * Options that are not valid (such as an entitlement to an unknown account) are a defect.
 */
export interface IdentityCenterOptions {
  /** The region of the emulated service. Signatures must be scoped to it. Default: `us-east-1`. */
  readonly region?: string | undefined
  /**
   * The URL at which clients and browsers reach the emulator. Default: `https://oidc.{region}.amazonaws.com` in process;
   * for a server, the origin of each request.
   */
  readonly baseUrl?: string | undefined
  /** The minimum time between two polls of a device code. Clients receive it in whole seconds. Default: 5 seconds. */
  readonly interval?: Duration.Input | undefined
  /** The lifetime of a device code and its user code. Default: 10 minutes. */
  readonly deviceCodeLifetime?: Duration.Input | undefined
  /** The lifetime of an access token. Default: 8 hours. */
  readonly accessTokenLifetime?: Duration.Input | undefined
  /** The lifetime of a client registration and of a refresh token. Default: 90 days. */
  readonly registrationLifetime?: Duration.Input | undefined
  /** The lifetime of role credentials. Default: 1 hour. */
  readonly roleCredentialsLifetime?: Duration.Input | undefined
  /** Approves each device authorization after this time, in the name of the first user. Default: never. */
  readonly autoApprove?: Duration.Input | undefined
  /**
   * The users who can sign in, at least one. They have no passwords: on the pages, a user is chosen with a click. Default:
   * `alice`, with every role, and `bob`, with the last role of the first account.
   */
  readonly users?: Arr.NonEmptyReadonlyArray<DirectoryUser> | undefined
  /** The AWS accounts. Default: three, each with the roles `AdministratorAccess` and `ReadOnlyAccess`. */
  readonly accounts?: ReadonlyArray<DirectoryAccount> | undefined
  /** The number of requests that the log of requests keeps, at least 1. Default: 10,000. */
  readonly requestLogSize?: number | undefined
  /**
   * Allows cross-origin requests to the operations, so that browser code can call them in tests. The pages never allow
   * them. Default: `false`.
   */
  readonly cors?: boolean | undefined
  /** The number of items on a page of the portal, for requests that do not set it. At least 1. Default: 20. */
  readonly pageSize?: number | undefined
}

export const defaultRegion = "us-east-1"

const decodeCount = Schema.decodeUnknownEffect(Schema.Int.check(Schema.isGreaterThan(0)))

const decodeDirectory = Schema.decodeUnknownEffect(Directory.Directory)

/** The options with their defaults filled in. Options that are not valid are a defect. */
export const toSettings = Effect.fnUntraced(function* (options: IdentityCenterOptions) {
  const directory = yield* decodeDirectory(options)
  return {
    ...Directory.complete(directory),
    interval: Duration.toMillis(options.interval ?? "5 seconds"),
    deviceCodeLifetime: Duration.toMillis(options.deviceCodeLifetime ?? "10 minutes"),
    accessTokenLifetime: Duration.toMillis(options.accessTokenLifetime ?? "8 hours"),
    registrationLifetime: Duration.toMillis(options.registrationLifetime ?? "90 days"),
    roleCredentialsLifetime: Duration.toMillis(options.roleCredentialsLifetime ?? "1 hour"),
    autoApprove: options.autoApprove === undefined ? undefined : Duration.toMillis(options.autoApprove),
    pageSize: yield* decodeCount(options.pageSize ?? 20),
    requestLogSize: yield* decodeCount(options.requestLogSize ?? 10_000)
  } satisfies StateSettings & { readonly requestLogSize: number }
}, Effect.orDie)
