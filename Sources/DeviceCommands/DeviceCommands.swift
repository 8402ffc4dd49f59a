// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The subcommands, `deflate-iaa devices` and so on.

/// The subcommands of `deflate-iaa` that look at devices and set them up.
public enum DeviceCommands {}
