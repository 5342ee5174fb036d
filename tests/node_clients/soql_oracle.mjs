// What @jetstreamapp/soql-parser-js thinks of SOQL: statements in as JSON lines, true or false out in the same order.
import { createInterface } from "node:readline";
import { isQueryValid } from "@jetstreamapp/soql-parser-js";

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(isQueryValid(JSON.parse(line))));
}
