import { assert, describe, it } from "@effect/vitest"
import * as Partition from "../../../src/wire/Partition.ts"

describe("Partition.forRegion", () => {
  it("finds a region where it is listed", () => {
    for (const partition of Partition.partitions) {
      for (const region of partition.regions) {
        assert.strictEqual(Partition.forRegion(region).name, partition.name, region)
      }
    }
  })

  it("tells the partition of a region to come from its name", () => {
    const newcomers = {
      "us-south-9": "aws",
      "mx-west-12": "aws",
      "cn-south-9": "aws-cn",
      "eusc-de-west-9": "aws-eusc",
      "us-iso-south-9": "aws-iso",
      "us-isob-south-9": "aws-iso-b",
      "eu-isoe-south-9": "aws-iso-e",
      "us-isof-north-9": "aws-iso-f",
      "us-gov-south-9": "aws-us-gov"
    }
    for (const [region, name] of Object.entries(newcomers)) {
      assert.strictEqual(Partition.forRegion(region).name, name, region)
    }
  })

  it("takes a name that looks like none for one of aws", () => {
    for (const region of [
      "",
      "moon-base-1",
      "cn-north",
      "xx-cn-north-1",
      "eusc-fr-west-1",
      "CN-NORTH-1",
      "cn-north-1\n"
    ]) {
      assert.strictEqual(Partition.forRegion(region).name, "aws", JSON.stringify(region))
    }
  })
})

describe("Partition.partitions", () => {
  it("gives no two partitions the same name or the same region", () => {
    const names = Partition.partitions.map((partition) => partition.name)
    const regions = Partition.partitions.flatMap((partition) => partition.regions)
    assert.strictEqual(new Set(names).size, names.length)
    assert.strictEqual(new Set(regions).size, regions.length)
  })

  it("has no region whose name looks like that of another partition", () => {
    for (const partition of Partition.partitions) {
      for (const other of Partition.partitions.filter((other) => other !== partition)) {
        assert.deepStrictEqual(
          partition.regions.filter((region) => other.pattern.test(region)),
          [],
          `${partition.name} and ${other.name}`
        )
      }
    }
  })
})
