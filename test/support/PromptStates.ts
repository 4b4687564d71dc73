/** What a prompt is told of either flow. */
import { Duration } from "effect"
import { State } from "../../src/login/AuthorizationPrompt.ts"

export const timeLeft = Duration.minutes(10)

export const prompting = State.Prompting({
  userCode: "ABCD-EFGH",
  verificationUri: "https://device.example/",
  verificationUriComplete: "https://device.example/?user_code=ABCD-EFGH",
  timeLeft
})

export const redirecting = State.Redirecting({
  authorizationUrl: "https://oidc.example/authorize?state=s",
  redirectUri: "http://127.0.0.1:4711/oauth/callback",
  timeLeft
})
