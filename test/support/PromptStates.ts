/** States of both flows, for the tests of prompts. */
import { Duration } from "effect"
import { LoginState } from "../../src/login/LoginState.ts"

export const timeLeft = Duration.minutes(10)

export const prompting = LoginState.cases.Prompting.make({
  userCode: "ABCD-EFGH",
  verificationUri: "https://device.example/",
  verificationUriComplete: "https://device.example/?user_code=ABCD-EFGH",
  timeLeft
})

export const redirecting = LoginState.cases.Redirecting.make({
  authorizationUrl: "https://oidc.example/authorize?state=s",
  redirectUri: "http://127.0.0.1:4711/oauth/callback",
  timeLeft
})
