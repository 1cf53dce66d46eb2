// What Graylog tells about itself: version, journal, inputs, streams, and messages that could not be indexed.
import { type ApiAnswer, json } from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { addedFields, defaultStream, type InputName, indexName, inputIds, isoTime, nodeId } from "./message.ts";
import { instantOf } from "./time-range.ts";

const clusterId = "00000000-0000-4000-8000-00000000000b";
const fullVersions = { "7.0.1": "7.0.1+29f3984", "6.1.4": "6.1.4+7528370", "5.1.13": "5.1.13" } as const;

export const root = ({ version }: ApiCall): ApiAnswer =>
  json({
    cluster_id: clusterId,
    node_id: nodeId,
    version: fullVersions[version],
    tagline: "Manage your logs in the dark and have lasers going and make it look like you're from space!",
  });

export const system = ({ version, startedAt }: ApiCall): ApiAnswer =>
  json({
    facility: "graylog-server",
    codename: "Noir",
    node_id: nodeId,
    cluster_id: clusterId,
    version: fullVersions[version],
    started_at: isoTime(startedAt),
    hostname: "graylog.example.com",
    lifecycle: "running",
    lb_status: "alive",
    timezone: "Etc/UTC",
    operating_system: "Linux",
    is_leader: true,
    is_processing: true,
  });

/** Messages are indexed as they come: nothing ever waits. */
export const journal = ({ startedAt }: ApiCall): ApiAnswer =>
  json({
    enabled: true,
    append_events_per_second: 0,
    read_events_per_second: 0,
    uncommitted_journal_entries: 0,
    journal_size: 0,
    journal_size_limit: 1_073_741_824,
    number_of_segments: 1,
    oldest_segment: isoTime(startedAt),
    journal_config: {
      directory: "file:///var/lib/graylog-server/journal/",
      max_size: 1_073_741_824,
      max_age: 43_200_000,
    },
  });

export const indexerFailures = ({ store, query }: ApiCall): ApiAnswer => {
  const all = store.failures();
  const offset = Number(query.get("offset") ?? 0);
  const page = all.slice(offset, offset + Number(query.get("limit") ?? 50));
  const failures = page.map(({ timestamp, seq, message }) => ({
    timestamp: isoTime(timestamp),
    letter_id: String(seq),
    message,
    index: indexName,
    type: "indexing",
  }));
  return json({ failures, total: all.length });
};

export const indexerFailureCount = ({ store, query }: ApiCall): ApiAnswer => {
  const since = instantOf(query.get("since") ?? "");
  return json({ count: store.failures().filter(({ timestamp }) => !(timestamp < since)).length });
};

export const indexerOverview = ({ store }: ApiCall): ApiAnswer =>
  json({
    deflector: { current_target: indexName, is_up: true },
    indexer_cluster: {
      health: { status: "green", shards: { active: 1, initializing: 0, relocating: 0, unassigned: 0 } },
      name: "logwatch",
    },
    counts: { events: store.count() },
    indices: [{ index_name: indexName, size: { events: store.count(), deleted: 0, bytes: 0 } }],
  });

export const fields = ({ store }: ApiCall): ApiAnswer =>
  json({ fields: [...new Set([...store.fieldNames(), ...Object.keys(addedFields)])] });

const inputs: readonly { title: InputName; type: string; port: "udp" | "http" | "tcp" }[] = [
  { title: "GELF UDP", type: "udp.GELFUDPInput", port: "udp" },
  { title: "GELF HTTP", type: "http.GELFHttpInput", port: "http" },
  { title: "GELF TCP", type: "tcp.GELFTCPInput", port: "tcp" },
];

const shownInputs = ({ ports, startedAt, username }: ApiCall) =>
  inputs.map(({ title, type, port }) => ({
    title,
    global: true,
    name: title,
    content_pack: null,
    id: inputIds[title],
    created_at: isoTime(startedAt),
    type: `org.graylog2.inputs.gelf.${type}`,
    creator_user_id: username,
    attributes: {
      bind_address: "127.0.0.1",
      port: ports[port],
      max_chunk_size: 65_536,
      decompress_size_limit: 8_388_608,
    },
    static_fields: {},
    node: null,
  }));

export const systemInputs = (call: ApiCall): ApiAnswer => json({ inputs: shownInputs(call), total: inputs.length });

export const inputStates = (call: ApiCall): ApiAnswer =>
  json({
    states: shownInputs(call).map((input) => ({
      id: input.id,
      state: "RUNNING",
      started_at: isoTime(call.startedAt),
      detailed_message: null,
      message_input: input,
    })),
  });

const streamList = [
  { id: "000000000000000000000002", title: "All events", description: "Stream containing all events created" },
  { ...defaultStream, description: "Contains messages that are not explicitly routed to other streams" },
  {
    id: "000000000000000000000003",
    title: "All system events",
    description: "Stream containing all system events created",
  },
];

export const streams = ({ startedAt }: ApiCall): ApiAnswer =>
  json({
    total: streamList.length,
    streams: streamList.map((stream) => ({
      ...stream,
      creator_user_id: "admin",
      outputs: [],
      matching_type: "AND",
      created_at: isoTime(startedAt),
      disabled: false,
      rules: [],
      content_pack: null,
      remove_matches_from_default_stream: stream.id !== defaultStream.id,
      index_set_id: "aaaaaaaa0000000000000005",
      categories: [],
      is_default: stream.id === defaultStream.id,
      is_editable: stream.id === defaultStream.id,
    })),
  });
