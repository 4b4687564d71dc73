/**
 * One line for each way to fail, which says what to do next.
 */
import * as Match from "effect/Match"
import * as Schema from "effect/Schema"
import type * as ConfigFile from "../../config/ConfigFile.ts"
import type * as Login from "../../login/Login.ts"
import * as GetRoleCredentials from "../../operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../operation/ListAccountRoles.ts"
import * as ListAccounts from "../../operation/ListAccounts.ts"
import * as Logout from "../../operation/Logout.ts"
import type * as RoleCredentials from "../../provider/RoleCredentials.ts"
import type { SessionError } from "../../session/SessionError.ts"
import type * as TokenProvider from "../../provider/TokenProvider.ts"
import type { ConfigureFailure } from "../configure/ConfigureFailure.ts"
import type { SectionImpossible } from "../commands/CredentialFormat.ts"
import type { CommandNotStarted } from "./Passthrough.ts"

/** The emulator could not be started. */
export class EmulatorFailure extends Schema.TaggedError<EmulatorFailure>()("EmulatorFailure", {
  host: Schema.String,
  port: Schema.Int,
  /** What the system said. */
  code: Schema.String
}) {
  override get message(): string {
    return `cannot listen on port ${this.port} of ${this.host} (${this.code}): choose another with --port, or 0 for a free one`
  }
}

/** The file with the emulator's users and accounts cannot be used. */
export class EmulatorDataFailure extends Schema.TaggedError<EmulatorDataFailure>()("EmulatorDataFailure", {
  path: Schema.String,
  /** What is wrong, and where. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} does not hold users and accounts for the emulator (${this.reason}): correct it, or leave --data out to have some`
  }
}

/** How a command can fail. */
export type Failure =
  | ConfigFile.Failure
  | ConfigureFailure
  | EmulatorDataFailure
  | EmulatorFailure
  | CommandNotStarted
  | Login.Failure
  | RoleCredentials.Failure
  | SectionImpossible
  | SessionError
  | TokenProvider.Failure

const checkRole =
  "`effect-sso roles` lists what is assigned to you; correct sso_account_id and sso_role_name, or the flags"

/** Which variable could have led a request astray. */
const endpointVariable = (operation: string): string =>
  portalOperations.has(operation) ? "AWS_ENDPOINT_URL_SSO" : "AWS_ENDPOINT_URL_SSO_OIDC"

const portalOperations: ReadonlySet<string> = new Set(
  [ListAccounts, ListAccountRoles, GetRoleCredentials, Logout].map(({ operation }) => operation.name)
)

const orByUrl = "or name the portal with --start-url and --region"

/** What a person needs to know of a failure. One whose own message says what to do is left as it is. */
export const explain: (failure: Failure) => string = Match.type<Failure>().pipe(
  Match.tags({
    AccessDeniedException: ({ message }) =>
      `the sign-in was denied (${message}): run the command again, and approve it on the page`,
    DispatchFailure: ({ message, operation }) =>
      `${message}: check the network, the region and ${endpointVariable(operation)}`,
    ExpiredTokenException: ({ message, requestId }) =>
      // Without an id it is the flow's own, and complete
      requestId === undefined ? message : `the code has expired (${message}): sign in again`,
    InternalServerException: ({ message }) => `the service failed (${message}): try again in a moment`,
    InvalidRequestException: ({ message }) =>
      `the service refused the request (${message}): check the start URL and the region of the session`,
    InvalidScopeException: ({ message }) =>
      `the service refused a scope (${message}): correct --scopes, or sso_registration_scopes of the session`,
    ResourceNotFoundException: ({ message }) => `${message}: ${checkRole}`,
    ResponseError: ({ message, operation }) =>
      `${message}: what answered is no IAM Identity Center: look for a proxy, and at ${endpointVariable(operation)}`,
    SessionError: ({ message, reason }) =>
      reason._tag === "SessionIncomplete" || reason._tag === "SessionNotFound" ? `${message}, ${orByUrl}` : message,
    SlowDownException: ({ message }) => `the service is asked too often (${message}): try again in a moment`,
    StoreError: ({ message, reason }) =>
      reason._tag === "StoreUnavailable" ? `${message}: check who may write there, and whether there is room` : message,
    StartUrlUnresolved: ({ message }) => `${message}: check the start URL of the session, and the network`,
    CallTimeout: ({ message }) => `${message}: check the network, and try again`,
    TooManyRequestsException: ({ message }) => `the portal is asked too often (${message}): try again in a moment`,
    UnhandledServiceError: ({ code, message, requestId }) =>
      code === "ForbiddenException"
        ? `the account or the role is not assigned to you (${message}): ${checkRole}`
        : `${message}: try again; should it stay, AWS Support knows the request by ${requestId ?? "its time"}`
  }),
  Match.orElse((failure) =>
    failure._tag.endsWith("Exception")
      ? `the service refused the request (${failure._tag}: ${failure.message}): sign in again`
      : failure.message
  )
)
