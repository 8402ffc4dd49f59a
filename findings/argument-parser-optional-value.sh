#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# swift-argument-parser 1.8.2: an option declared with defaultAsFlag, which has a value of its own when
# none is given, loses a value attached with "=" if another option comes right behind it, without an
# error: --json=4 --verbose is read as --json --verbose. At the end, before a name, or as a word of its
# own the value is kept. Nothing of this project runs here. Needs Swift 6.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/try"
cat > "$folder/Package.swift" <<'SWIFT'
// swift-tools-version:6.0
import PackageDescription

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let package = Package(
  name: "try",
  dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")],
  targets: [.executableTarget(name: "try", dependencies: [parser])])
SWIFT
cat > "$folder/Sources/try/main.swift" <<'SWIFT'
import ArgumentParser

struct Try: ParsableCommand {
  @Option(defaultAsFlag: "all") var json: String?
  @Flag var verbose = false
  @Argument var names: [String] = []
  func run() { print(json ?? "none", verbose, names) }
}
Try.main()
SWIFT
swift build --package-path "$folder" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
seen=$(while read -r line; do
  # shellcheck disable=SC2086
  echo "$line: $("$folder/.build/debug/try" $line)"
done <<< "--json --verbose
--json=4
--json=4 --verbose
--json 4 --verbose
--json=4 name --verbose
--verbose --json=4")
echo "$seen"
[ "$seen" = '--json --verbose: all true []
--json=4: 4 false []
--json=4 --verbose: all true []
--json 4 --verbose: 4 true []
--json=4 name --verbose: 4 true ["name"]
--verbose --json=4: 4 true []' ]
