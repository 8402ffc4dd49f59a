// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The keys of accel-config's objects, 3.5.3's and 4.1.x's (its config.c and util/json.c): those that
// are set, and those that its list prints for reading only. Any other is a slip of the pen.

/// The keys that one kind of object may have.
struct AccelConfigKeys {
  private let known: Set<String>

  /// `set` are loaded, `shown` are passed over.
  private init(set: [String], shown: [String]) {
    known = Set(["dev"] + set + shown)
  }

  func isKnown(_ key: String) -> Bool { known.contains(key) }

  /// Read buffers, called tokens before, are DSA's: accel-config passes them over for IAA.
  static let device = Self(
    set: ["event_log_size", "groups", "ungrouped workqueues", "ungrouped_engines"],
    shown: [
      "token_limit", "read_buffer_limit", "max_groups", "max_work_queues", "max_engines",
      "work_queue_size", "numa_node", "errors", "op_cap", "iaa_cap", "gen_cap", "version", "state",
      "max_tokens", "max_read_buffers", "max_batch_size", "ims_size", "max_transfer_size",
      "configurable", "pasid_enabled", "cdev_major", "clients",
    ])

  static let group = Self(
    set: [
      "traffic_class_a", "traffic_class_b", "desc_progress_limit", "batch_progress_limit",
      "grouped_workqueues", "grouped_engines",
    ],
    shown: [
      "tokens_reserved", "use_token_limit", "tokens_allowed", "read_buffers_reserved",
      "use_read_buffer_limit", "read_buffers_allowed",
    ])

  /// enqcmds_retries is ours; both accel-configs pass it over. IAA has no batches.
  static let queue = Self(
    set: [
      "mode", "size", "group_id", "priority", "block_on_fault", "max_transfer_size", "type", "name",
      "driver_name", "threshold", "ats_disable", "prs_disable", "op_config", "enqcmds_retries",
    ], shown: ["max_batch_size", "cdev_minor", "state", "clients"])

  static let engine = Self(set: ["group_id"], shown: [])
}
