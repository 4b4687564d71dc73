/**
 * Our reading of pages beside that of the official client: the same requests, the same items.
 */
import { paginateListAccountRoles, paginateListAccounts, SSOClient } from "@aws-sdk/client-sso"
import { HttpResponse } from "@smithy/core/transport"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as SsoPortal from "../../src/service/SsoPortal.ts"
import { absentOr } from "../support/Readings.ts"
import { sample } from "../support/Sample.ts"

/** The pages of a server, each with the name of the next one; an empty name is none. */
const page = Schema.Struct({
  items: Schema.Array(Schema.NonEmptyString),
  nextToken: absentOr(Schema.Literals(["", "a", "b/c +&=?", "é"]))
})

interface Server {
  /** The body of the next answer. */
  readonly answer: () => string
  /** The pages that were asked for. */
  readonly asked: Array<string | undefined>
}

const serverOf = (pages: ReadonlyArray<typeof page.Type>): Server => {
  // A page that leads to itself is refused by ours, and asked for again and again by theirs
  const left = pages.map(({ items, nextToken }, number) => ({ items, nextToken: nextToken && `${nextToken}${number}` }))
  return {
    answer: () => {
      const { items = [], nextToken } = left.shift() ?? {}
      const accountList = items.map((accountId) => ({ accountId }))
      return JSON.stringify({ nextToken, accountList, roleList: items.map((roleName) => ({ roleName })) })
    },
    asked: []
  }
}

const official = ({ answer, asked }: Server) =>
  new SSOClient({
    region: "us-east-1",
    requestHandler: {
      handle: ({ query }: { readonly query: Readonly<Record<string, string>> }) => {
        asked.push(query["next_token"])
        const body = new TextEncoder().encode(answer())
        return Promise.resolve({ response: new HttpResponse({ statusCode: 200, headers: {}, body }) })
      }
    }
  })

const ours = ({ answer, asked }: Server) =>
  Layer.provide(
    SsoPortal.layer({ region: "us-east-1" }),
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) =>
        Effect.sync(() => {
          asked.push(url.searchParams.get("next_token") ?? undefined)
          return HttpClientResponse.fromWeb(request, new Response(answer()))
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
    "are asked for and read as by the official client",
    [Schema.Array(page)],
    ([pages]) =>
      Effect.gen(function* () {
        const [one, other] = [serverOf(pages), serverOf(pages)]
        const items = yield* Stream.runCollect(mine).pipe(Effect.provide(ours(one)))
        assert.deepStrictEqual(items, yield* Stream.runCollect(theirs(official(other))))
        assert.deepStrictEqual(one.asked, other.asked)
      }),
    { arbitrary: { runs: sample(300, 30) }, timeout: 60_000 }
  )
})
