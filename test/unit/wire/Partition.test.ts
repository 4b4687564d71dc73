import { assert, describe, it } from "@effect/vitest"
import * as Partition from "../../../src/wire/Partition.ts"

describe("Partition.forRegion", () => {
  it.each([
    ["us-south-9", "aws"],
    ["mx-west-12", "aws"],
    ["aws-global", "aws"],
    ["cn-south-9", "aws-cn"],
    ["aws-cn-global", "aws-cn"],
    ["eusc-de-west-9", "aws-eusc"],
    ["us-iso-south-9", "aws-iso"],
    ["us-isob-south-9", "aws-iso-b"],
    ["aws-iso-b-global", "aws-iso-b"],
    ["eu-isoe-south-9", "aws-iso-e"],
    ["us-isof-north-9", "aws-iso-f"],
    ["us-gov-south-9", "aws-us-gov"]
  ])("finds the partition of %s by its name: %s", (region, name) => {
    assert.strictEqual(Partition.forRegion(region).name, name)
  })

  it.each(["", "moon-base-1", "cn-north", "xx-cn-north-1", "eusc-fr-west-1", "CN-NORTH-1", "cn-north-1\n"])(
    "is aws for %j, which matches no partition",
    (region) => {
      assert.strictEqual(Partition.forRegion(region).name, "aws")
    }
  )
})

describe("Partition.partitions", () => {
  it("have different names", () => {
    const names = Partition.partitions.map((partition) => partition.name)
    assert.strictEqual(new Set(names).size, names.length)
  })

  it("have patterns that do not overlap", () => {
    const regions = ["us-east-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "us-gov-west-1"]
    for (const region of [...regions, "eu-isoe-west-1", "us-isof-south-1"]) {
      assert.lengthOf(
        Partition.partitions.filter(({ pattern }) => pattern.test(region)),
        1,
        region
      )
    }
  })
})
