// An Elasticsearch that answers at once, for the peer in bench/peers/elastalert2.py: every count is 3, every write succeeds.
// Prints its port. Plain JavaScript, so that the peer's measurement starts no TypeScript loader.
import { createServer } from "node:http";

const answers = [
  [/_count/, { count: 3, _shards: { total: 1, successful: 1, failed: 0 } }],
  [/_search/, { took: 0, timed_out: false, hits: { total: { value: 0, relation: "eq" }, hits: [] } }],
  [/_doc|_create/, { _index: "elastalert_status", _id: "1", result: "created" }],
];
const about = {
  name: "stub",
  cluster_name: "stub",
  version: { number: "7.10.2", build_flavor: "default" },
  tagline: "You Know, for Search",
};

const server = createServer((req, res) => {
  req.resume();
  req.on("end", () => {
    const body = answers.find(([path]) => path.test(req.url))?.[1] ?? about;
    res.writeHead(200, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
    res.end(JSON.stringify(body));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
