/**
 * The tokens that were given out, and which of them are still worth something.
 */
import * as Duration from "effect/Duration"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as CreateToken from "../../operation/CreateToken.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as Fake from "./Fake.ts"
import type { Moment } from "./Transition.ts"
import type { User } from "./User.ts"

/**
 * What a client was allowed, and by whom. The tokens that were given out on its account are revoked with it.
 *
 * @internal
 */
export interface Grant {
  readonly clientId: string
  readonly scopes: ReadonlyArray<string>
  /** Nobody, where an application asked in its own name. */
  readonly user: User | undefined
  revoked: boolean
}

/** @internal */
export interface Tokens {
  readonly issue: (grant: Grant, refreshable: boolean, moment: Moment) => CreateToken.CreateTokenOutput
  /** What an access token stands for, as long as it is worth something. */
  readonly find: (accessToken: Redacted.Redacted, moment: Moment) => Option.Option<Grant>
  /** Takes a refresh token back. It works once: whoever uses it is given the next one. */
  readonly redeem: (
    refreshToken: Redacted.Redacted,
    clientId: string
  ) => Result.Result<Grant, Exceptions.InvalidGrantException>
  readonly revokeAccessTokens: () => void
  readonly revokeRefreshTokens: () => void
}

/** @internal */
export const grant = (clientId: string, scopes: ReadonlyArray<string>, user: User | undefined): Grant => ({
  clientId,
  scopes,
  user,
  revoked: false
})

/**
 * No tokens yet.
 *
 * @internal
 */
export const make = (options: { readonly lifetime: number }): Tokens => {
  const accessTokens = MutableHashMap.empty<Redacted.Redacted, { readonly grant: Grant; readonly expiresAt: number }>()
  const refreshTokens = MutableHashMap.empty<Redacted.Redacted, Grant>()

  const issueAccessToken = (grant: Grant, { now, random }: Moment): Redacted.Redacted => {
    const accessToken = Fake.accessToken(random)
    MutableHashMap.set(accessTokens, accessToken, { grant, expiresAt: now + options.lifetime })
    return accessToken
  }

  const issueRefreshToken = (grant: Grant, { random }: Moment): Redacted.Redacted => {
    const refreshToken = Fake.refreshToken(random)
    MutableHashMap.set(refreshTokens, refreshToken, grant)
    return refreshToken
  }

  return {
    issue: (grant, refreshable, moment) => ({
      accessToken: issueAccessToken(grant, moment),
      tokenType: "Bearer",
      expiresIn: Duration.millis(options.lifetime),
      ...(refreshable ? { refreshToken: issueRefreshToken(grant, moment) } : {})
    }),

    find: (accessToken, { now }) =>
      MutableHashMap.get(accessTokens, accessToken).pipe(
        Option.filter(({ expiresAt, grant }) => now < expiresAt && !grant.revoked),
        Option.map(({ grant }) => grant)
      ),

    redeem: (refreshToken, clientId) =>
      Option.filter(
        MutableHashMap.get(refreshTokens, refreshToken),
        (grant) => grant.clientId === clientId && !grant.revoked
      ).pipe(
        Result.fromOption(
          () =>
            new Exceptions.InvalidGrantException({
              error_description: "The refresh token is unknown, used, revoked or another client's"
            })
        ),
        Result.map((grant) => {
          MutableHashMap.remove(refreshTokens, refreshToken)
          return grant
        })
      ),

    revokeAccessTokens: () => {
      MutableHashMap.clear(accessTokens)
    },

    revokeRefreshTokens: () => {
      MutableHashMap.clear(refreshTokens)
    }
  }
}
