// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Names for the operations in op_cap and op_config, those of the kernel's `enum iax_opcode`
// (<linux/idxd.h>), and for the bits of iaa_cap (union iaacap_reg in the driver's registers.h).

/// Operations by name.
package enum OperationName {
  /// By opcode, in ascending order.
  package static let names: KeyValuePairs<UInt8, String> = [
    0x00: "noop", 0x02: "drain", 0x03: "memmove", 0x42: "decompress", 0x43: "compress",
    0x44: "crc64",
    0x48: "zero_decomp_32", 0x49: "zero_decomp_16", 0x4C: "zero_comp_32", 0x4D: "zero_comp_16",
    0x50: "scan", 0x51: "set_member", 0x52: "extract", 0x53: "select", 0x54: "rle_burst",
    0x55: "find_unique", 0x56: "expand",
  ]

  /// An opcode's name, or its number where it has none.
  package static func text(_ opcode: UInt8) -> String {
    names.first { $0.key == opcode }?.value ?? "0x" + String(opcode, radix: 16)
  }

  /// The opcode with a name, or the one that a number means; nil for neither.
  package static func opcode(_ text: some StringProtocol) -> UInt8? {
    if let named = names.first(where: { $0.value == text })?.key { return named }
    return text.hasPrefix("0x") ? UInt8(text.dropFirst(2), radix: 16) : UInt8(text)
  }

  /// The bits of `iaa_cap`, from bit 0.
  package static let capabilities = [
    "dec_aecs_format_ver", "drop_init_bits", "chaining", "force_array_output_mod",
    "load_part_aecs", "comp_early_abort", "nested_comp", "diction_comp", "header_gen", "crypto_gcm",
    "crypto_cfb", "crypto_xts",
  ]

  /// The names of the bits that are set in `iaa_cap`; "bit 40" for one without a name.
  package static func capabilities(_ value: Int) -> [String] {
    (0..<64).filter { value >> $0 & 1 == 1 }.map {
      $0 < capabilities.count ? capabilities[$0] : "bit \($0)"
    }
  }
}

extension OpcodeSet {
  /// The operations by name.
  package var names: [String] { opcodes.map(OperationName.text) }

  /// What both user space and iaa_crypto want of a queue, and this set has not.
  var lackingCodec: [String] {
    [Opcode.compress, .decompress].map(\.rawValue).filter { !contains($0) }
      .map(OperationName.text)
  }
}

extension WorkQueue {
  /// What a codec wants of it and does not get, by its own `op_config` or by its device; empty where neither tells.
  func lackingOperations(on device: Device) -> [String] {
    (opConfig.value ?? device.opCap.value)?.lackingCodec ?? []
  }
}
