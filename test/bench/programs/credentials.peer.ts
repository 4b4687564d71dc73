/** Prints the credentials of a role, with the official clients: they read the cached token and ask the portal. */
import { GetRoleCredentialsCommand, SSOClient } from "@aws-sdk/client-sso"
import { fromSso } from "@aws-sdk/token-providers"

const { token } = await fromSso()()
const client = new SSOClient({ region: "us-east-1" })
const role = { accountId: "111122223333", roleName: "Reader" }
const { roleCredentials } = await client.send(new GetRoleCredentialsCommand({ ...role, accessToken: token }))
console.log(JSON.stringify(roleCredentials))
