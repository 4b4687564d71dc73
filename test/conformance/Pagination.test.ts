/**
 * Compares how our client and the official client read pages: the same requests, the same items.
 */
import { paginateListAccountRoles, paginateListAccounts, SSOClient } from "@aws-sdk/client-sso"
import { HttpResponse } from "@smithy/core/transport"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as SsoPortal from "../../src/service/SsoPortal.ts"
import { absentOr } from "../support/Readings.ts"
import { sample } from "../support/Sample.ts"

/** A page of a server, with the token of the next one. An empty token is none. */
const page = Schema.Struct({
  items: Schema.Array(Schema.NonEmptyString),
  nextToken: absentOr(Schema.Literals(["", "a", "b/c +&=?", "é"]))
})

interface Server {
  /** The body of the next response. */
  readonly nextBody: () => string
  /** The tokens of the pages that were requested. */
  readonly requested: Array<string | undefined>
}

const serverOf = (pages: ReadonlyArray<typeof page.Type>): Server => {
  // Ours refuses a page with its own token, and theirs requests it again and again
  const left = pages.map(({ items, nextToken }, number) => ({ items, nextToken: nextToken && `${nextToken}${number}` }))
  return {
    nextBody: () => {
      const { items = [], nextToken } = left.shift() ?? {}
      const accountList = items.map((accountId) => ({ accountId }))
      return JSON.stringify({ nextToken, accountList, roleList: items.map((roleName) => ({ roleName })) })
    },
    requested: []
  }
}

const official = ({ nextBody, requested }: Server) =>
  new SSOClient({
    region: "us-east-1",
    requestHandler: {
      handle: ({ query }: { readonly query: Readonly<Record<string, string>> }) => {
        requested.push(query["next_token"])
        const body = new TextEncoder().encode(nextBody())
        return Promise.resolve({ response: new HttpResponse({ statusCode: 200, headers: {}, body }) })
      }
    }
  })

const ours = ({ nextBody, requested }: Server) =>
  Layer.provide(
    SsoPortal.layer({ region: "us-east-1" }),
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) =>
        Effect.sync(() => {
          requested.push(url.searchParams.get("next_token") ?? undefined)
          return HttpClientResponse.fromWeb(request, new Response(nextBody()))
        })
      )
    )
  )

const accessToken = "a"
const accountId = "1"

const streams = [
  {
    name: "accounts",
    mine: SsoPortal.listAccountsStream({ accessToken: Redacted.make(accessToken) }).pipe(
      Stream.map((account) => account.accountId)
    ),
    theirs: (client: SSOClient) =>
      Stream.fromAsyncIterable(paginateListAccounts({ client }, { accessToken }), String).pipe(
        Stream.flatMap(({ accountList = [] }) => Stream.fromIterable(accountList)),
        Stream.map((account) => account.accountId)
      )
  },
  {
    name: "roles",
    mine: SsoPortal.listAccountRolesStream({ accessToken: Redacted.make(accessToken), accountId }).pipe(
      Stream.map(({ roleName }) => roleName)
    ),
    theirs: (client: SSOClient) =>
      Stream.fromAsyncIterable(paginateListAccountRoles({ client }, { accessToken, accountId }), String).pipe(
        Stream.flatMap(({ roleList = [] }) => Stream.fromIterable(roleList)),
        Stream.map(({ roleName }) => roleName)
      )
  }
]

describe.each(streams)("The pages of $name", ({ mine, theirs }) => {
  it.effect.prop(
    "are requested and read as by the official client",
    [Schema.Array(page)],
    ([pages]) =>
      Effect.gen(function* () {
        const [one, other] = [serverOf(pages), serverOf(pages)]
        const items = yield* Stream.runCollect(mine).pipe(Effect.provide(ours(one)))
        assert.deepStrictEqual(items, yield* Stream.runCollect(theirs(official(other))))
        assert.deepStrictEqual(one.requested, other.requested)
      }),
    { arbitrary: { runs: sample(300, 30) }, timeout: 60_000 }
  )
})
