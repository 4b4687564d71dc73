/**
 * The clients that have registered (RFC 7591).
 */
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as GrantType from "../../operation/GrantType.ts"
import type * as RegisterClient from "../../operation/RegisterClient.ts"
import * as ExpiringMap from "./ExpiringMap.ts"
import * as FakeValues from "./FakeValues.ts"
import * as RequestChecks from "./RequestChecks.ts"
import type { Moment } from "./Transition.ts"

export interface RegisteredClient {
  readonly id: string
  readonly name: string
  readonly secret: Redacted.Redacted
  readonly secretExpiresAt: number
  readonly scopes: ReadonlyArray<string>
  readonly grantTypes: ReadonlyArray<string>
  readonly redirectUris: ReadonlyArray<string>
  readonly issuerUrl: string | undefined
}

export interface RegisteredClients {
  readonly register: (
    input: RegisterClient.RegisterClientInput,
    moment: Moment
  ) => Result.Result<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError>
  /** The client, if its registration has not expired. */
  readonly find: (clientId: string, moment: Moment) => Option.Option<RegisteredClient>
  /** The client, if its secret is correct and it is registered for the grant type. */
  readonly authenticate: (
    credentials: { readonly clientId: string; readonly clientSecret: Redacted.Redacted },
    grantType: string,
    moment: Moment
  ) => Result.Result<RegisteredClient, Exceptions.InvalidClientException | Exceptions.UnauthorizedClientException>
  readonly revoke: () => void
}

const none: ReadonlyArray<string> = []

// The arrays of the decoder have spare capacity, and a client is kept for long.
const compact = (list: ReadonlyArray<string> = none): ReadonlyArray<string> => (list.length === 0 ? none : [...list])

// Clients of the device flow register without grant types.
const defaultGrantTypes: ReadonlyArray<string> = [GrantType.deviceCode, GrantType.refreshToken]

export const make = (options: { readonly lifetime: number }): RegisteredClients => {
  const clients = ExpiringMap.make<RegisteredClient>(
    ({ secretExpiresAt }) => secretExpiresAt + ExpiringMap.keptAfterExpiry
  )
  return {
    register: (input, { now, random }) =>
      Result.map(RequestChecks.registration(input), () => {
        const client: RegisteredClient = {
          id: FakeValues.clientId(random),
          name: input.clientName,
          secret: FakeValues.clientSecret(random),
          secretExpiresAt: now + options.lifetime,
          scopes: compact(input.scopes),
          grantTypes: input.grantTypes === undefined ? defaultGrantTypes : compact(input.grantTypes),
          redirectUris: compact(input.redirectUris),
          issuerUrl: input.issuerUrl
        }
        clients.set(client.id, client, now)
        return {
          clientId: client.id,
          clientSecret: client.secret,
          clientIdIssuedAt: DateTime.makeUnsafe(now),
          clientSecretExpiresAt: DateTime.makeUnsafe(client.secretExpiresAt)
        }
      }),

    find: (clientId, { now }) =>
      Option.filter(Option.fromNullishOr(clients.get(clientId)), (client) => now < client.secretExpiresAt),

    authenticate: ({ clientId, clientSecret }, grantType, { now }) =>
      Option.fromNullishOr(clients.get(clientId)).pipe(
        Option.filter((client) => Equal.equals(client.secret, clientSecret)),
        Result.fromOption(
          () => new Exceptions.InvalidClientException({ error_description: "The client id or client secret is wrong" })
        ),
        Result.filterOrFail(
          (client) => now < client.secretExpiresAt,
          () => new Exceptions.InvalidClientException({ error_description: "The client registration has expired" })
        ),
        Result.filterOrFail(
          (client) => client.grantTypes.includes(grantType),
          () =>
            new Exceptions.UnauthorizedClientException({
              error_description: `The client is not registered for the grant type ${grantType}`
            })
        )
      ),

    revoke: clients.clear
  }
}
