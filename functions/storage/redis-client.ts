// Redis as it is handed around: one server, or a cluster. Only storage and the limits talk to it.
import type { Cluster, Redis } from "ioredis";

export type RedisClient = Redis | Cluster;
