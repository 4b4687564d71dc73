/**
 * The access tokens and refresh tokens that were issued, and which of them are valid.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as CreateToken from "../../operation/CreateToken.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import type { DirectoryUser } from "./DirectoryUser.ts"
import * as ExpiringMap from "./ExpiringMap.ts"
import * as FakeValues from "./FakeValues.ts"
import type { Moment } from "./Transition.ts"

/** The access that a user gave to a client. All tokens of a grant are revoked together. */
export interface TokenGrant {
  readonly clientId: string
  readonly scopes: ReadonlyArray<string>
  /** Absent if an application asked in its own name. */
  readonly user: DirectoryUser | undefined
  revoked: boolean
}

export interface IssuedTokens {
  readonly issue: (grant: TokenGrant, refreshable: boolean, moment: Moment) => CreateToken.CreateTokenOutput
  /** The grant of an access token, if the token is valid. */
  readonly find: (accessToken: Redacted.Redacted, moment: Moment) => Option.Option<TokenGrant>
  /** The grant of a refresh token, which can be used once: each refresh issues the next one. */
  readonly redeem: (
    refreshToken: Redacted.Redacted,
    clientId: string,
    moment: Moment
  ) => Result.Result<TokenGrant, Exceptions.InvalidGrantException>
  readonly revokeAccessTokens: () => void
  readonly revokeRefreshTokens: () => void
}

export const makeGrant = (
  clientId: string,
  scopes: ReadonlyArray<string>,
  user: DirectoryUser | undefined
): TokenGrant => ({ clientId, scopes, user, revoked: false })

interface IssuedToken {
  readonly grant: TokenGrant
  readonly expiresAt: number
}

/** Lifetimes are in milliseconds. */
export const make = (options: {
  readonly accessTokenLifetime: number
  readonly refreshTokenLifetime: number
}): IssuedTokens => {
  const accessTokens = ExpiringMap.make<IssuedToken>(({ expiresAt }) => expiresAt)
  const refreshTokens = ExpiringMap.make<IssuedToken>(({ expiresAt }) => expiresAt)

  const issueAccessToken = (grant: TokenGrant, { now, random }: Moment): Redacted.Redacted => {
    const token = FakeValues.accessToken(random)
    accessTokens.set(Redacted.value(token), { grant, expiresAt: now + options.accessTokenLifetime }, now)
    return token
  }

  const issueRefreshToken = (grant: TokenGrant, { now, random }: Moment): Redacted.Redacted => {
    const token = FakeValues.refreshToken(random)
    refreshTokens.set(Redacted.value(token), { grant, expiresAt: now + options.refreshTokenLifetime }, now)
    return token
  }

  const findValid = (
    tokens: ExpiringMap.ExpiringMap<IssuedToken>,
    token: Redacted.Redacted,
    { now }: Moment
  ): Option.Option<TokenGrant> =>
    Option.fromNullishOr(tokens.get(Redacted.value(token))).pipe(
      Option.filter(({ expiresAt, grant }) => now < expiresAt && !grant.revoked),
      Option.map(({ grant }) => grant)
    )

  return {
    issue: (grant, refreshable, moment) => ({
      accessToken: issueAccessToken(grant, moment),
      tokenType: "Bearer",
      expiresIn: Duration.millis(options.accessTokenLifetime),
      ...(refreshable ? { refreshToken: issueRefreshToken(grant, moment) } : {})
    }),

    find: (accessToken, moment) => findValid(accessTokens, accessToken, moment),

    redeem: (refreshToken, clientId, moment) =>
      findValid(refreshTokens, refreshToken, moment).pipe(
        Option.filter((grant) => grant.clientId === clientId),
        Option.tap(() => Option.some(refreshTokens.remove(Redacted.value(refreshToken)))),
        Result.fromOption(
          () =>
            new Exceptions.InvalidGrantException({
              error_description: "The refresh token is unknown, used, expired, revoked or issued to another client"
            })
        )
      ),

    revokeAccessTokens: accessTokens.clear,

    revokeRefreshTokens: refreshTokens.clear
  }
}
