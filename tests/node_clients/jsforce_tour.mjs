// jsforce's ordinary first steps, unmodified. Speaks JSON lines: settings in, authorize URL out, code in, results out.
import { createInterface } from "node:readline";
import jsforce from "jsforce";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const say = (value) => console.log(JSON.stringify(value));

const { loginUrl, clientId, clientSecret, redirectUri } = await read();
const oauth2 = new jsforce.OAuth2({ loginUrl, clientId, clientSecret, redirectUri, useVerifier: true });
say({ url: oauth2.getAuthorizationUrl({ scope: "full refresh_token", state: "from-jsforce" }) });

const { code } = await read();
const connection = new jsforce.Connection({ oauth2 });
const user = await connection.authorize(code);

const few = await connection.query("SELECT Id, Name FROM Account ORDER BY Name LIMIT 3");
const first = await connection.query("SELECT Id FROM Task", { autoFetch: false, headers: { "Sforce-Query-Options": "batchSize=200" } });
let page = first;
let total = page.records.length;
while (!page.done) {
  page = await connection.queryMore(page.nextRecordsUrl);
  total += page.records.length;
}
let malformed;
try {
  await connection.query("SELECT Id, FROM Account");
} catch (error) {
  malformed = error.errorCode;
}
const fetched = await connection.query("SELECT Id FROM Task", { autoFetch: true, maxFetch: 2300 });
const made = await connection.sobject("Account").create({ Name: "Made by jsforce" });
await connection.sobject("Account").update({ Id: made.id, Name: "Changed by jsforce" });
const changed = await connection.sobject("Account").retrieve(made.id);
const upserted = await connection.sobject("Account").upsert({ External_Id__c: "js-1", Name: "Upserted" }, "External_Id__c");
const deleted = [await connection.sobject("Account").destroy(made.id), await connection.sobject("Account").destroy(upserted.id)];
const accounts = connection.sobject("Account");
const several = await accounts.create([{ Name: "First of jsforce" }, { Name: "Second of jsforce" }]);
const ids = several.map((one) => one.id);
await accounts.update(ids.map((Id) => ({ Id, Phone: "1" })));
const retrieved = await accounts.retrieve(ids);
const undone = await accounts.create([{ Name: "Undone" }, {}], { allOrNone: true });
const destroyed = await accounts.destroy(ids);
const gone = await connection.query(`SELECT COUNT() FROM Account WHERE Id = '${made.id}'`);
connection.bulk2.pollInterval = 10;
const input = ["Bulk jsforce 1", "Bulk jsforce 2", ""].map((Name) => ({ Name, Phone: "1" }));
const loaded = await connection.bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input });
const bulkRows = await (await connection.bulk2.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk jsforce%'")).toArray();
const searched = await connection.search("FIND {jsforce} IN NAME FIELDS RETURNING Account(Id, Name)");
const minutes = (count) => new Date(Date.now() + count * 60_000);
const updated = await accounts.updated(minutes(-5), minutes(2));
const bulkDeleted = await accounts.destroy(bulkRows.map((row) => row.Id));
const deletedLater = await accounts.deleted(minutes(-5), minutes(2));
const soap = await new jsforce.Connection({ loginUrl }).login("nobody@example.org", "wrong").catch((error) => error.errorCode ?? error.message);
const described = await connection.sobject("Account").describe();
const identity = await connection.identity();

const renewed = await oauth2.refreshToken(connection.refreshToken);
const revoked = renewed.refresh_token ?? connection.refreshToken;
await oauth2.revokeToken(revoked);
let afterRevoke;
try {
  await oauth2.refreshToken(revoked);
} catch (error) {
  afterRevoke = error.name ?? error.message;
}
say({
  organizationId: user.organizationId,
  userId: user.id,
  names: few.records.map((record) => record.Name),
  taskTotal: first.totalSize,
  tasksFetched: total,
  pagedMoreThanOnce: !first.done,
  malformed,
  autoFetched: fetched.records.length,
  changedName: changed.Name,
  deleted: deleted.map((one) => one.success),
  retrieved: retrieved.map((record) => [record.Name, record.Phone]),
  undone: undone.map((one) => one.errors[0].statusCode),
  destroyed: destroyed.map((one) => one.success),
  bulk: [loaded.successfulResults.length, loaded.failedResults.length, loaded.unprocessedRecords.length],
  bulkRows: bulkRows.map((row) => row.Name).sort(),
  searched: searched.searchRecords.map((row) => row.Name).sort(),
  updated: bulkRows.every((row) => updated.ids.includes(row.Id)),
  deletedLater: bulkDeleted.every((one) => deletedLater.deletedRecords.some((row) => row.id === one.id)),
  soap,
  stillThere: gone.totalSize,
  describedName: described.name,
  identityOrg: identity.organization_id,
  renewed: Boolean(renewed.access_token),
  rotated: Boolean(renewed.refresh_token),
  afterRevoke,
});
process.exit(0);
