/**
 * The clients that have registered.
 */
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as GrantType from "../../operation/GrantType.ts"
import type * as RegisterClient from "../../operation/RegisterClient.ts"
import * as Checks from "./Checks.ts"
import * as Fake from "./Fake.ts"
import type { Moment } from "./Transition.ts"

/** @internal */
export interface Client {
  readonly id: string
  readonly name: string
  readonly secret: Redacted.Redacted
  readonly secretExpiresAt: number
  readonly scopes: ReadonlyArray<string>
  readonly grantTypes: ReadonlyArray<string>
  readonly redirectUris: ReadonlyArray<string>
  readonly issuerUrl: string | undefined
}

/** @internal */
export interface Clients {
  readonly register: (
    input: RegisterClient.RegisterClientInput,
    moment: Moment
  ) => Result.Result<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError>
  /** The client whose registration has not expired. */
  readonly find: (clientId: string, moment: Moment) => Option.Option<Client>
  /** The client that proves to be the one it says, and that is registered for the grant type. */
  readonly authenticate: (
    credentials: { readonly clientId: string; readonly clientSecret: Redacted.Redacted },
    grantType: string,
    moment: Moment
  ) => Result.Result<Client, Exceptions.InvalidClientException | Exceptions.UnauthorizedClientException>
  readonly revoke: () => void
}

// Whoever registers without grant types, as clients of the device flow do, may use these.
const defaultGrantTypes: ReadonlyArray<string> = [GrantType.deviceCode, GrantType.refreshToken]

/**
 * No clients yet.
 *
 * @internal
 */
export const make = (options: { readonly lifetime: number }): Clients => {
  const clients = new Map<string, Client>()
  return {
    register: (input, { now, random }) =>
      Result.gen(function* () {
        yield* Checks.registration(input)
        const client: Client = {
          id: Fake.clientId(random),
          name: input.clientName,
          secret: Fake.clientSecret(random),
          secretExpiresAt: now + options.lifetime,
          scopes: input.scopes ?? [],
          grantTypes: input.grantTypes ?? defaultGrantTypes,
          redirectUris: input.redirectUris ?? [],
          issuerUrl: input.issuerUrl
        }
        clients.set(client.id, client)
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
          () => new Exceptions.InvalidClientException({ error_description: "The client id or its secret is wrong" })
        ),
        Result.filterOrFail(
          (client) => now < client.secretExpiresAt,
          () => new Exceptions.InvalidClientException({ error_description: "The client's registration has expired" })
        ),
        Result.filterOrFail(
          (client) => client.grantTypes.includes(grantType),
          () =>
            new Exceptions.UnauthorizedClientException({
              error_description: `The client is not registered for the grant type ${grantType}`
            })
        )
      ),

    revoke: () => clients.clear()
  }
}
