import { assert, describe, it } from "@effect/vitest"
import * as Exceptions from "../../../src/operation/Exceptions.ts"
import * as PortalExceptions from "../../../src/operation/PortalExceptions.ts"
import { CredentialsUnavailable } from "../../../src/provider/RoleCredentials.ts"
import { loginRequired, type LoginRequiredReason, TokenUnavailable } from "../../../src/provider/TokenError.ts"
import { LoginFailed } from "../../../src/session/LoginFailed.ts"
import { SessionError, SessionNotFound } from "../../../src/session/SessionError.ts"
import { SsoSession } from "../../../src/session/SsoSession.ts"
import { entryCorrupt, storeUnavailable } from "../../../src/store/StoreError.ts"
import * as ClientError from "../../../src/wire/ClientError.ts"
import { explain } from "../../../src/cli/terminal/Advice.ts"
import type { Failure } from "../../../src/cli/terminal/Failure.ts"

const startUrl = "https://example.awsapps.com/start"

const session = new SsoSession({ name: "my team", startUrl, region: "us-east-1", scopes: [] })

const dispatch = (operation: string) =>
  new ClientError.DispatchFailure({ operation, origin: "https://a", code: "ECONNREFUSED" })

const role = { accountId: "111122223333", roleName: "ReadOnlyAccess" }

const said = { error: "e", error_description: "said" }

const byDefault = { sessionFlags: [] }

const byProfile = { sessionFlags: ["--profile", "my dev"] }

describe("Advice", () => {
  it("prints advice for the reason of each layer's error", () => {
    const cases: ReadonlyArray<readonly [failure: Failure, expected: string]> = [
      [
        new LoginFailed({ reason: new Exceptions.AccessDeniedException(said) }),
        "the sign-in was denied (said): run the command again, and approve the sign-in"
      ],
      [
        new LoginFailed({ reason: new Exceptions.InvalidScopeException(said) }),
        "the service refused a scope (said): correct --scopes, or sso_registration_scopes in the config file"
      ],
      [
        new LoginFailed({ reason: dispatch("RegisterClient") }),
        "RegisterClient: no connection to https://a (ECONNREFUSED): check the network, the region and AWS_ENDPOINT_URL_SSO_OIDC"
      ],
      [
        new TokenUnavailable({ startUrl, reason: new Exceptions.InternalServerException(said) }),
        "the service failed (said): try again in a moment"
      ],
      [
        new TokenUnavailable({ startUrl, reason: new Exceptions.InvalidClientException(said) }),
        "the service refused the request (InvalidClientException: said): sign in again"
      ],
      [
        new CredentialsUnavailable({ ...role, reason: dispatch("GetRoleCredentials") }),
        "GetRoleCredentials: no connection to https://a (ECONNREFUSED): check the network, the region and AWS_ENDPOINT_URL_SSO"
      ],
      [
        new CredentialsUnavailable({
          ...role,
          reason: new PortalExceptions.TooManyRequestsException({ message: "slow" })
        }),
        "the access portal received too many requests (slow): try again in a moment"
      ],
      [
        storeUnavailable("/file", "write", "ENOSPC"),
        "could not write /file: ENOSPC: check the permissions and the free disk space"
      ],
      [
        storeUnavailable("/file", "read", "there is no home directory: set HOME"),
        "could not read /file: there is no home directory: set HOME"
      ],
      [entryCorrupt("/file", "not JSON"), entryCorrupt("/file", "not JSON").message]
    ]
    for (const [failure, expected] of cases) assert.strictEqual(explain(failure, byDefault), expected)
    assert.match(
      explain(new SessionError({ reason: new SessionNotFound({ section: "profile", name: "x" }) }), byDefault),
      /, or specify --start-url and --region$/
    )
  })

  it("suggests commands with the flags that were given, quoted for a shell", () => {
    for (const reason of [
      "NoToken",
      "Expired",
      "RegistrationExpired",
      "RefreshRejected",
      "TokenRejected"
    ] as const satisfies ReadonlyArray<LoginRequiredReason["_tag"]>) {
      const failure = loginRequired(session, reason)
      assert.match(explain(failure, byDefault), /\. Sign in with `effect-sso login --sso-session 'my team'`$/)
      assert.match(explain(failure, byProfile), /\. Sign in with `effect-sso login --profile 'my dev'`$/)
    }
    const forbidden = new ClientError.UnhandledServiceError({
      operation: "GetRoleCredentials",
      code: "ForbiddenException",
      status: 403
    })
    for (const reason of [forbidden, new PortalExceptions.ResourceNotFoundException({ message: "no role" })]) {
      const failure = new CredentialsUnavailable({ ...role, reason })
      assert.include(explain(failure, byDefault), ": `effect-sso roles` lists")
      assert.include(explain(failure, byProfile), ": `effect-sso roles --profile 'my dev'` lists")
    }
  })

  it("names the request of an unknown error for AWS Support", () => {
    const error = { operation: "CreateToken", status: 418 }
    assert.match(
      explain(new ClientError.UnhandledServiceError({ ...error, requestId: "abc" }), byDefault),
      /: try again; if the error persists, contact AWS Support with the request ID abc$/
    )
    assert.match(explain(new ClientError.UnhandledServiceError(error), byDefault), /contact AWS Support$/)
  })
})
