/**
 * What a user can do about each way to fail.
 */
import * as Match from "effect/Match"
import * as GetRoleCredentials from "../../operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../operation/ListAccountRoles.ts"
import * as ListAccounts from "../../operation/ListAccounts.ts"
import * as Logout from "../../operation/Logout.ts"
import type { Failure } from "./Failure.ts"
import { commandLine } from "../../provider/CommandLine.ts"

/** What the advice refers to. */
export interface Advisee {
  /** The flags that chose the session: the command that is suggested repeats them. Empty for the default profile. */
  readonly sessionFlags: ReadonlyArray<string>
}

/** The environment variable that could have sent a request to another endpoint. */
const endpointVariable = (operation: string): string =>
  portalOperations.has(operation) ? "AWS_ENDPOINT_URL_SSO" : "AWS_ENDPOINT_URL_SSO_OIDC"

const portalOperations: ReadonlySet<string> = new Set(
  [ListAccounts, ListAccountRoles, GetRoleCredentials, Logout].map(({ operation }) => operation.name)
)

const orByUrl = "or specify --start-url and --region"

const listRoles = ({ sessionFlags }: Advisee): string =>
  `\`${commandLine(["effect-sso", "roles", ...sessionFlags])}\` lists the roles that are assigned to you; correct sso_account_id and sso_role_name, or the flags`

/** The reason of a failure, where the failure is the one error of a layer. */
const reasonOf = (failure: Failure) =>
  failure._tag === "CredentialsUnavailable" ||
  failure._tag === "LoginFailed" ||
  failure._tag === "SessionError" ||
  failure._tag === "StoreError" ||
  failure._tag === "TokenUnavailable"
    ? failure.reason
    : failure

/** One line that says what happened and what to do next. A failure whose message says both is left as it is. */
export const explain = (failure: Failure, advisee: Advisee): string =>
  Match.value(reasonOf(failure)).pipe(
    Match.tags({
      AccessDeniedException: ({ message }) =>
        `the sign-in was denied (${message}): run the command again, and approve the sign-in`,
      CallTimeout: ({ message }) => `${message}: check the network, and try again`,
      DispatchFailure: ({ message, operation }) =>
        `${message}: check the network, the region and ${endpointVariable(operation)}`,
      ExpiredTokenException: ({ message, requestId }) =>
        // Without an id it is the flow's own message, which is complete
        requestId === undefined ? message : `the code has expired (${message}): sign in again`,
      InternalServerException: ({ message }) => `the service failed (${message}): try again in a moment`,
      InvalidRequestException: ({ message }) =>
        failure._tag === "CredentialsUnavailable"
          ? `the access portal refused the request (${message}): ${listRoles(advisee)}`
          : `the service refused the request (${message}): check the start URL and the region of the session`,
      InvalidScopeException: ({ message }) =>
        `the service refused a scope (${message}): correct --scopes, or sso_registration_scopes in the config file`,
      LoginRequired: ({ command, message }) => {
        const { sessionFlags } = advisee
        return sessionFlags.length === 0
          ? message
          : message.replace(command, () => commandLine(["effect-sso", "login", ...sessionFlags]))
      },
      ResourceNotFoundException: ({ message }) => `${message}: ${listRoles(advisee)}`,
      ResponseError: ({ message, operation }) =>
        `${message}: the response is not from IAM Identity Center; check for a proxy, and check ${endpointVariable(operation)}`,
      SessionIncomplete: ({ message }) => `${message}, ${orByUrl}`,
      SessionNotFound: ({ message }) => `${message}, ${orByUrl}`,
      SlowDownException: ({ message }) => `the service received too many requests (${message}): try again in a moment`,
      StartUrlUnresolved: ({ message }) => `${message}: check the start URL of the session, and the network`,
      StoreUnavailable: ({ description, message }) =>
        // A code of the system says what is wrong, and a sentence says what to do
        /^\w+$/.test(description) ? `${message}: check the permissions and the free disk space` : message,
      TooManyRequestsException: ({ message }) =>
        `the access portal received too many requests (${message}): try again in a moment`,
      UnhandledServiceError: ({ code, message, requestId }) =>
        code === "ForbiddenException"
          ? `the account or the role is not assigned to you (${message}): ${listRoles(advisee)}`
          : `${message}: try again; if the error persists, contact AWS Support${
              requestId === undefined ? "" : ` with the request ID ${requestId}`
            }`
    }),
    Match.orElse((other) =>
      other._tag.endsWith("Exception")
        ? `the service refused the request (${other._tag}: ${other.message}): sign in again`
        : other.message
    )
  )
