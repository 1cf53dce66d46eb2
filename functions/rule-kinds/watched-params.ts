// Parameters that say which measurements a rule judges; every rule kind asks for them in the same words.
import { labels } from "@logwatch/events";
import * as z from "zod";

export const measurementName = z.string().trim().min(1).max(200).meta({
  title: "Measurement",
  description: "Name of the measurement to judge, e.g. `failed_logins_by_address`.",
});

export const whereLabels = labels.default({}).meta({
  title: "Where",
  description: 'Only label sets with these values, e.g. `{"reason": "NXDOMAIN"}`; each label set is judged on its own.',
});
