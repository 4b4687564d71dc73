/** The same with the official packages: a token that is refreshed, and the credentials of a role. */
import { GetRoleCredentialsCommand, SSOClient } from "@aws-sdk/client-sso"
import { fromSso } from "@aws-sdk/token-providers"

const client = new SSOClient({ region: "us-east-1" })

export const credentials = async (profile: string, role: { readonly accountId: string; readonly roleName: string }) => {
  const { token } = await fromSso({ profile })()
  return client.send(new GetRoleCredentialsCommand({ ...role, accessToken: token }))
}
