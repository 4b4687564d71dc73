/** The same call with the official client. */
import { CreateTokenCommand, type CreateTokenCommandInput, SSOOIDCClient } from "@aws-sdk/client-sso-oidc"

const client = new SSOOIDCClient({ region: "us-east-1" })

export const createToken = (input: CreateTokenCommandInput) => client.send(new CreateTokenCommand(input))
