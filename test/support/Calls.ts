/**
 * A call of each operation, with secrets that tests search for.
 */
import { DateTime, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import * as AwsCredentials from "../../src/wire/AwsCredentials.ts"
import type * as ClientConfig from "../../src/wire/ClientConfig.ts"
import * as CreateToken from "../../src/operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../src/operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../../src/operation/Exceptions.ts"
import * as GetRoleCredentials from "../../src/operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../src/operation/ListAccountRoles.ts"
import * as ListAccounts from "../../src/operation/ListAccounts.ts"
import * as Logout from "../../src/operation/Logout.ts"
import type * as Operation from "../../src/operation/Operation.ts"
import * as PortalExceptions from "../../src/operation/PortalExceptions.ts"
import * as RegisterClient from "../../src/operation/RegisterClient.ts"
import * as SsoPortal from "../../src/service/SsoPortal.ts"
import * as SsoOidc from "../../src/service/SsoOidc.ts"
import * as StartDeviceAuthorization from "../../src/operation/StartDeviceAuthorization.ts"

type ExceptionClass = Exceptions.ExceptionClass<Operation.ModelledException>

/** A service, and how its responses represent exceptions. */
export interface Service {
  /** The name of its spans. */
  readonly name: "SsoOidc" | "SsoPortal"
  /** The service id in the AWS model. */
  readonly id: string
  /** The namespace of its exceptions in the model. */
  readonly namespace: string
  readonly host: string
  readonly exceptions: ReadonlyArray<ExceptionClass>
  /** The body of an exception. */
  readonly errorBody: (exception: ExceptionClass, words: string) => Readonly<Record<string, string>>
}

const oidc: Service = {
  name: "SsoOidc",
  id: "SSO OIDC",
  namespace: "com.amazonaws.ssooidc",
  host: "oidc.us-east-1.amazonaws.com",
  exceptions: Exceptions.all,
  errorBody: ({ error = "" }, words) => ({ error, error_description: words })
}

const portal: Service = {
  name: "SsoPortal",
  id: "SSO",
  namespace: "com.amazonaws.sso",
  host: "portal.sso.us-east-1.amazonaws.com",
  exceptions: PortalExceptions.all,
  errorBody: (_, words) => ({ message: words })
}

/** Every exception that one of the services models. */
export const exceptions: ReadonlyArray<ExceptionClass> = [...new Set([...oidc.exceptions, ...portal.exceptions])]

const secret = {
  client: "keep-client/secret+1",
  token: "keep-access/token+1=",
  device: "keep-device-code",
  subject: "keep-subject-token",
  session: "keep-session-token",
  access: "keep-access-key"
}

export const credentials: AwsCredentials.SigningCredentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: Redacted.make(secret.access),
  sessionToken: Redacted.make(secret.session),
  expiration: DateTime.makeUnsafe("2030-01-01T00:00:00Z")
}

const inputs = {
  RegisterClient: { clientName: "my-tool", clientType: "public", scopes: ["sso:account:access"] },
  StartDeviceAuthorization: {
    clientId: "client-1",
    clientSecret: Redacted.make(secret.client),
    startUrl: "https://example.awsapps.com/start"
  },
  CreateToken: {
    clientId: "client-1",
    clientSecret: Redacted.make(secret.client),
    grantType: "urn:ietf:params:oauth:grant-type:device_code",
    deviceCode: Redacted.make(secret.device)
  },
  CreateTokenWithIAM: {
    clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
    grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
    subjectToken: Redacted.make(secret.subject),
    subjectTokenType: "urn:ietf:params:oauth:token-type:access_token"
  }
} as const

const accessToken = Redacted.make(secret.token)

/** Each operation of SSO OIDC with a call, the secrets that the call sends or signs with, and a response. */
export const oidcCalls = [
  {
    service: oidc,
    operation: RegisterClient.operation,
    call: SsoOidc.registerClient(inputs.RegisterClient),
    secrets: [],
    response: { clientId: "client-1", clientSecret: "secret-2", clientSecretExpiresAt: 7_776_000 }
  },
  {
    service: oidc,
    operation: StartDeviceAuthorization.operation,
    call: SsoOidc.startDeviceAuthorization(inputs.StartDeviceAuthorization),
    secrets: [secret.client],
    response: {
      deviceCode: "secret-3",
      userCode: "ABCD-EFGH",
      verificationUri: "https://device.example",
      expiresIn: 600
    }
  },
  {
    service: oidc,
    operation: CreateToken.operation,
    call: SsoOidc.createToken(inputs.CreateToken),
    secrets: [secret.client, secret.device],
    response: { accessToken: "secret-4", tokenType: "Bearer", expiresIn: 28_800, refreshToken: "secret-5" }
  },
  {
    service: oidc,
    operation: CreateTokenWithIAM.operation,
    call: SsoOidc.createTokenWithIAM(inputs.CreateTokenWithIAM),
    secrets: [secret.subject, secret.session, secret.access],
    response: { accessToken: "secret-4", expiresIn: 3600, scope: ["a"], awsAdditionalDetails: { identityContext: "b" } }
  }
] as const

/** The same for the portal. */
export const portalCalls = [
  {
    service: portal,
    operation: ListAccounts.operation,
    call: SsoPortal.listAccounts({ accessToken, nextToken: "page-2", maxResults: 10 }),
    secrets: [secret.token],
    response: { accountList: [{ accountId: "123456789012", accountName: "a", emailAddress: "a@example.com" }] }
  },
  {
    service: portal,
    operation: ListAccountRoles.operation,
    call: SsoPortal.listAccountRoles({ accessToken, accountId: "123456789012" }),
    secrets: [secret.token],
    response: { roleList: [{ roleName: "Reader", accountId: "123456789012" }], nextToken: "page-2" }
  },
  {
    service: portal,
    operation: GetRoleCredentials.operation,
    call: SsoPortal.getRoleCredentials({ accessToken, accountId: "123456789012", roleName: "Reader" }),
    secrets: [secret.token],
    response: {
      roleCredentials: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        secretAccessKey: "keep-secret-access-key",
        sessionToken: "keep-session-token",
        expiration: 1_795_514_785_000
      }
    }
  },
  {
    service: portal,
    operation: Logout.operation,
    call: SsoPortal.logout({ accessToken }),
    secrets: [secret.token],
    // No output
    response: undefined
  }
] as const

/** All of them. */
export const calls = [...oidcCalls, ...portalCalls] as const

export type Call = (typeof calls)[number]

export type Services = SsoOidc.SsoOidc | SsoPortal.SsoPortal | AwsCredentials.AwsCredentials

/** Both services, by default in `us-east-1`. */
export const services = (config?: ClientConfig.ClientConfig): Layer.Layer<Services, never, HttpClient.HttpClient> =>
  Layer.mergeAll(
    SsoOidc.layer({ region: "us-east-1", ...config }),
    SsoPortal.layer({ region: "us-east-1", ...config }),
    AwsCredentials.layer(credentials)
  ).pipe(Layer.orDie)

/** The services with a custom `fetch`. */
export const overFetch = (
  respond: (request: Request) => Response | Promise<Response>,
  config?: ClientConfig.ClientConfig
): Layer.Layer<Services> =>
  services(config).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(
      Layer.succeed(FetchHttpClient.Fetch, (input, init) =>
        Promise.resolve(new Request(input, init)).then((request) => respond(request))
      )
    )
  )

/** Any call, as an effect of one type. */
export const run = ({ call }: Call): Effect.Effect<unknown, Failure, Services> => call

export type Failure = Effect.Error<Call["call"]>
