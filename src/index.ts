/**
 * AWS IAM Identity Center sign-in for Effect programs: every public module, as a namespace.
 *
 * A program that wants to load only what it uses imports single modules: `effect-aws-sso/DeviceFlow`.
 *
 * @since 0.1.0
 */
export * as AuthorizationCodeFlow from "./login/AuthorizationCodeFlow.ts"
export * as AuthorizationPrompt from "./login/AuthorizationPrompt.ts"
export * as AwsCredentials from "./wire/AwsCredentials.ts"
export * as ClientConfig from "./wire/ClientConfig.ts"
export * as ClientError from "./wire/ClientError.ts"
export * as ClientRegistration from "./login/ClientRegistration.ts"
export * as CreateToken from "./operation/CreateToken.ts"
export * as CreateTokenWithIAM from "./operation/CreateTokenWithIAM.ts"
export * as DeviceFlow from "./login/DeviceFlow.ts"
export * as Endpoint from "./wire/Endpoint.ts"
export * as Exceptions from "./operation/Exceptions.ts"
export * as GetRoleCredentials from "./operation/GetRoleCredentials.ts"
export * as ListAccountRoles from "./operation/ListAccountRoles.ts"
export * as ListAccounts from "./operation/ListAccounts.ts"
export * as Login from "./login/Login.ts"
export * as Logout from "./operation/Logout.ts"
export * as Pkce from "./login/Pkce.ts"
export * as PortalExceptions from "./operation/PortalExceptions.ts"
export * as RedirectListener from "./login/RedirectListener.ts"
export * as RegisterClient from "./operation/RegisterClient.ts"
export * as RetryPolicy from "./wire/RetryPolicy.ts"
export * as SharedConfig from "./config/SharedConfig.ts"
export * as SsoOidc from "./SsoOidc.ts"
export * as SsoPortal from "./portal/SsoPortal.ts"
export * as SsoSession from "./session/SsoSession.ts"
export * as SsoToken from "./session/SsoToken.ts"
export * as StartDeviceAuthorization from "./operation/StartDeviceAuthorization.ts"
export * as TokenCache from "./session/TokenCache.ts"
export * as TokenProvider from "./session/TokenProvider.ts"
export * as VanityUrl from "./session/VanityUrl.ts"
